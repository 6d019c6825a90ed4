#include <algorithm>
#include <utility>

#include "offloader/credentials/gcs_providers.h"
#include "provider_answers.h"

namespace offloader::credentials {
namespace {

// As on EC2, the server either answers at once or does not exist.
constexpr std::chrono::milliseconds kConnectTimeout{1000};

class MetadataToken final : public BearerProvider {
 public:
  explicit MetadataToken(ProviderContext context) : context_(std::move(context)) {}
  const char* name() const override { return "metadata server"; }

  Result<std::optional<BearerToken>> load(const FetchLimits& limits) override {
    std::string host = context_.env("GCE_METADATA_HOST");
    if (host.empty()) host = "metadata.google.internal";
    transport::HttpRequest request;
    request.url = "http://" + host + "/computeMetadata/v1/instance/service-accounts/default/token";
    request.headers = {"Metadata-Flavor: Google"};
    request.direct = true;
    request.connect_timeout = kConnectTimeout;
    FetchLimits probe = limits;
    if (!seen_)
      probe.deadline = std::min(limits.deadline, std::chrono::steady_clock::now() + 2 * kConnectTimeout);
    const auto answer = fetch(context_, request, "metadata server", probe);
    if (!answer) {
      if (seen_ || answer.error().code == ErrorCode::cancelled) return fail(answer.error());
      return std::nullopt;
    }
    auto token = parse_token(*answer, "metadata server", context_.clock->now());
    if (!token) {
      if (seen_) return fail(token.error());
      return std::nullopt;
    }
    seen_ = true;
    return std::move(*token);
  }

 private:
  const ProviderContext context_;
  bool seen_ = false;
};

}  // namespace

std::unique_ptr<BearerProvider> metadata_token(ProviderContext context) {
  return std::make_unique<MetadataToken>(std::move(context));
}

}  // namespace offloader::credentials
