#include <utility>

#include "offloader/credentials/aws_providers.h"
#include "offloader/transport/url_encoding.h"
#include "provider_answers.h"

namespace offloader::credentials {
namespace {

// The metadata address either answers at once or does not exist. A process outside EC2 must not wait long to
// find out.
constexpr std::chrono::milliseconds kConnectTimeout{1000};

class InstanceKeys final : public AwsProvider {
 public:
  explicit InstanceKeys(ProviderContext context) : context_(std::move(context)) {}
  const char* name() const override { return "instance metadata"; }

  Result<std::optional<AwsKeys>> load(const FetchLimits& limits) override {
    if (context_.env("AWS_EC2_METADATA_DISABLED") == "true") return std::nullopt;
    std::string base = context_.env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (base.empty()) base = "http://169.254.169.254";
    while (base.ends_with('/')) base.pop_back();

    transport::HttpRequest session;
    session.method = "PUT";
    session.url = base + "/latest/api/token";
    session.headers = {"X-aws-ec2-metadata-token-ttl-seconds: 21600"};
    session.direct = true;
    session.connect_timeout = kConnectTimeout;
    FetchLimits probe = limits;
    // Use a short deadline until it has answered once: it may not exist.
    if (!seen_)
      probe.deadline = std::min(limits.deadline, std::chrono::steady_clock::now() + 2 * kConnectTimeout);
    const auto token = fetch(context_, session, "instance metadata", probe);
    if (!token) {
      if (seen_ || token.error().code == ErrorCode::cancelled) return fail(token.error());
      return std::nullopt;
    }
    seen_ = true;

    transport::HttpRequest request;
    request.direct = true;
    request.connect_timeout = kConnectTimeout;
    request.headers = {"X-aws-ec2-metadata-token: " + *token};
    const std::string folder = base + "/latest/meta-data/iam/security-credentials/";
    request.url = folder;
    const auto roles = fetch(context_, request, "instance metadata", limits);
    if (!roles) {
      if (roles.error().code == ErrorCode::unauthorized) return std::nullopt;  // the instance has no role
      return fail(roles.error());
    }
    const std::string role = roles->substr(0, roles->find_first_of("\r\n"));
    if (role.empty()) return std::nullopt;
    request.url = folder + transport::encode_path(role);
    const auto answer = fetch(context_, request, "instance metadata", limits);
    if (!answer) return fail(answer.error());
    auto keys = parse_container_keys(*answer, "instance metadata");
    if (!keys) return fail(keys.error());
    return std::move(*keys);
  }

 private:
  const ProviderContext context_;
  bool seen_ = false;
};

}  // namespace

std::unique_ptr<AwsProvider> instance_keys(ProviderContext context) {
  return std::make_unique<InstanceKeys>(std::move(context));
}

}  // namespace offloader::credentials
