#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "offloader/base/timestamp.h"
#include "offloader/credentials/command_output.h"
#include "offloader/credentials/gcs_providers.h"
#include "offloader/transport/json_text.h"

namespace offloader::credentials {
namespace {

class GcloudToken final : public BearerProvider {
 public:
  GcloudToken(ProviderContext context, std::string command)
      : context_(std::move(context)), command_(std::move(command)) {}
  const char* name() const override { return "gcloud"; }

  Result<std::optional<BearerToken>> load(const FetchLimits& limits) override {
    const std::string path = find_command(command_, context_.env("PATH"));
    if (path.empty()) return std::nullopt;
    // Unlike print-access-token, config-helper also reports when the token expires.
    const auto output = command_output({path, "config", "config-helper", "--format=json"}, limits);
    // gcloud fails if nobody has logged in. Treat that as if gcloud were not installed.
    if (!output && !proven_) return std::nullopt;
    const auto json = nlohmann::json::parse(output.value_or(""), nullptr, false);
    BearerToken token;
    if (json.is_object() && json.contains("credential") && json["credential"].is_object()) {
      token.token = transport::text_at(json["credential"], "access_token");
      token.expires = parse_iso8601(transport::text_at(json["credential"], "token_expiry"));
    }
    const bool printable =
        std::all_of(token.token.begin(), token.token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (token.token.empty() || !printable || !token.expires) {
      return fail(ErrorCode::unauthorized, "cannot obtain credentials for the store",
                  "gcloud: its output contains no valid token with an expiry time");
    }
    proven_ = true;
    return token;
  }

 private:
  const ProviderContext context_;
  const std::string command_;
  bool proven_ = false;
};

}  // namespace

std::unique_ptr<BearerProvider> gcloud_token(ProviderContext context, std::string command) {
  return std::make_unique<GcloudToken>(std::move(context), std::move(command));
}

}  // namespace offloader::credentials
