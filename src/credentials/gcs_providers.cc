#include "offloader/credentials/gcs_providers.h"
#include "provider_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace offloader::credentials {
namespace {

class FixedToken final : public BearerProvider {
 public:
  explicit FixedToken(std::string token) : token_(std::move(token)) {}
  const char* name() const override { return "settings"; }
  Result<std::optional<BearerToken>> load(const FetchLimits&) override {
    if (token_.empty()) return std::nullopt;
    return BearerToken{token_, std::nullopt};
  }

 private:
  const std::string token_;
};

}  // namespace

Result<BearerToken> parse_token(const std::string& json, const char* service, SystemTime now) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  BearerToken out;
  if (parsed.is_object()) {
    const auto token = parsed.find("access_token");
    const auto life = parsed.find("expires_in");
    if (token != parsed.end() && token->is_string()) out.token = token->get<std::string>();
    if (life != parsed.end() && life->is_number()) {
      out.expires = now + std::chrono::seconds(life->get<std::int64_t>());
    }
  }
  // The token is sent in a header, so it must not contain characters that a header cannot hold.
  const bool printable =
      std::all_of(out.token.begin(), out.token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (out.token.empty() || !printable || !out.expires) {
    return fail(ErrorCode::unauthorized, "cannot obtain credentials for the store",
                fmt::format("{}: the answer contains no valid token with a lifetime", service));
  }
  return out;
}

std::vector<std::unique_ptr<BearerProvider>> gcs_providers(const ProviderContext& context, std::string token,
                                                           std::string gcloud_command) {
  std::vector<std::unique_ptr<BearerProvider>> chain;
  chain.push_back(std::make_unique<FixedToken>(std::move(token)));
  chain.push_back(application_default_token(context));
  chain.push_back(metadata_token(context));
  chain.push_back(gcloud_token(context, std::move(gcloud_command)));
  return chain;
}

}  // namespace offloader::credentials
