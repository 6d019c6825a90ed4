#include <map>
#include <sstream>
#include <utility>

#include "offloader/base/file.h"
#include "offloader/credentials/aws_providers.h"

namespace offloader::credentials {
namespace {

constexpr std::uint64_t kFileLimit = 1 << 20;

std::string trim(const std::string& text) {
  const std::size_t from = text.find_first_not_of(" \t\r");
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

using Section = std::map<std::string, std::string>;

// Returns the keys of one section of an INI file. Lines that are not assignments are skipped, as AWS's own
// tools do.
Section section_of(const std::string& text, const std::string& wanted) {
  Section out;
  bool inside = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string trimmed = trim(line);
    if (trimmed.empty() || trimmed.front() == '#' || trimmed.front() == ';') continue;
    if (trimmed.front() == '[') {
      inside = trim(trimmed.substr(1, trimmed.find(']') - 1)) == wanted;
      continue;
    }
    const std::size_t equals = trimmed.find('=');
    if (inside && equals != std::string::npos)
      out[trim(trimmed.substr(0, equals))] = trim(trimmed.substr(equals + 1));
  }
  return out;
}

class ProfileKeys final : public AwsProvider {
 public:
  explicit ProfileKeys(ProviderContext context) : context_(std::move(context)) {}
  const char* name() const override { return "profile"; }

  Result<std::optional<AwsKeys>> load(const FetchLimits&) override {
    const std::string named = context_.env("AWS_PROFILE");
    const std::string profile = named.empty() ? "default" : named;
    Section section = section_of(text_of("AWS_CONFIG_FILE", "config"),
                                 profile == "default" ? profile : "profile " + profile);
    for (auto& [name, value] : section_of(text_of("AWS_SHARED_CREDENTIALS_FILE", "credentials"), profile)) {
      section[name] = value;
    }
    AwsKeys keys{section["aws_access_key_id"], section["aws_secret_access_key"], section["aws_session_token"],
                 std::nullopt};
    if (keys.key_id.empty() || keys.secret.empty()) return std::nullopt;
    return keys;
  }

 private:
  std::string text_of(const char* variable, const char* file) const {
    std::string path = context_.env(variable);
    if (path.empty()) {
      const std::string home = context_.env("HOME");
      if (home.empty()) return {};
      path = home + "/.aws/" + file;
    }
    return read_file(path, kFileLimit).value_or("");
  }

  const ProviderContext context_;
};

}  // namespace

std::unique_ptr<AwsProvider> profile_keys(ProviderContext context) {
  return std::make_unique<ProfileKeys>(std::move(context));
}

}  // namespace offloader::credentials
