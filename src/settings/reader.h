#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "offloader/settings/settings.h"

namespace offloader::settings {

// Returns the text without surrounding blanks and without line breaks at its end.
[[nodiscard]] std::string trimmed(std::string text);
// Returns the trimmed parts of a comma-separated list, without empty ones.
[[nodiscard]] std::vector<std::string> split_list(const std::string& text);
// Parses `512`, `256MB`, `2GB` or `1.5GiB` into bytes; nullopt if the text is not a size. Decimal and binary
// units both mean powers of 1024, so a decimal size is up to 10 % larger than in DuckDB.
[[nodiscard]] std::optional<std::uint64_t> parse_size(const std::string& text);

// Reads variables one by one and collects one line in `errors` for each invalid one. `environment` must
// outlive it.
class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  // An empty value counts as not set.
  std::optional<std::string> text(const std::string& name) {
    auto value = environment_.get(name);
    if (value && value->empty()) return std::nullopt;
    return value;
  }

  // Reads the variable or, if it is not set, the file that {name}_FILE names. Empty if neither is set or the
  // file is invalid, which is an error.
  std::string secret(const std::string& name) {
    if (auto value = text(name)) return *value;
    const auto file = text(name + "_FILE");
    if (!file) return {};
    const auto bytes = environment_.read_file(*file);
    std::string value = bytes ? trimmed(*bytes) : "";
    if (value.empty()) {
      const char* const problem = bytes                                        ? "is empty"
                                  : bytes.error().code == ErrorCode::too_large ? "is larger than 1 MiB"
                                                                               : "cannot be read";
      errors.push_back("The file that " + name + "_FILE names " + problem +
                       ". Use the path of a file that holds the secret.");
    }
    return value;
  }

  // Returns the bytes of a file, or nullopt if it cannot be read.
  std::optional<std::string> file(const std::string& path) {
    auto bytes = environment_.read_file(path);
    return bytes ? std::optional(std::move(*bytes)) : std::nullopt;
  }

  // The following leave `out` unchanged if the variable is not set or not valid. Bounds are inclusive.
  template <typename T>
  void number(const std::string& name, T& out, std::int64_t least, std::int64_t most) {
    const auto value = text(name);
    if (!value) return;
    std::int64_t parsed = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), parsed);
    if (error != std::errc{} || end != value->data() + value->size() || parsed < least || parsed > most) {
      return wrong(name, *value,
                   "Use an integer from " + std::to_string(least) + " to " + std::to_string(most));
    }
    out = T(static_cast<decltype(count_of(out))>(parsed));
  }

  void size(const std::string& name, std::uint64_t& out, std::uint64_t least) {
    const auto value = text(name);
    if (!value) return;
    const auto parsed = parse_size(*value);
    if (!parsed || *parsed < least) {
      const std::string bound = least > 0 ? " of at least " + std::to_string(least >> 20) + "MB" : "";
      return wrong(name, *value, "Use a size" + bound + ", such as 256MB or 2GB");
    }
    out = *parsed;
  }

  template <typename T>
  void word(const std::string& name, T& out, const std::vector<std::pair<std::string, T>>& words) {
    const auto value = text(name);
    if (!value) return;
    std::string known;
    for (const auto& [text_of, meaning] : words) {
      if (text_of == *value) {
        out = meaning;
        return;
      }
      known += (known.empty() ? "" : ", ") + text_of;
    }
    wrong(name, *value, (words.size() == 1 ? "Use " : "Use one of ") + known);
  }

  // Reports a value that is not accepted. Requires: the value is not secret.
  void wrong(const std::string& name, const std::string& value, const std::string& advice) {
    errors.push_back("Invalid " + name + " \"" + value + "\". " + advice + ".");
  }

  std::vector<std::string> errors;

 private:
  static std::int64_t count_of(std::chrono::seconds) { return 0; }
  static std::int64_t count_of(std::chrono::milliseconds) { return 0; }
  template <typename T>
    requires std::is_integral_v<T>
  static T count_of(T) {
    return 0;
  }

  const Environment& environment_;
};

// Reads {prefix}_CERT, {prefix}_KEY and {prefix}_CLIENT_CA. That the files fit together is checked when the
// port opens.
void read_tls(Reader& reader, const std::string& prefix, TlsSettings& out);

// Reads OFFLOADER_S3_*, OFFLOADER_GCS_*, OFFLOADER_CA_FILE and the proxy variables.
void read_stores(Reader& reader, StoreSettings& out);

}  // namespace offloader::settings
