#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "offloader/base/file.h"
#include "offloader/base/timestamp.h"
#include "offloader/base/url.h"
#include "offloader/credentials/aws_providers.h"
#include "offloader/transport/address_policy.h"
#include "offloader/transport/json_text.h"
#include "provider_answers.h"

namespace offloader::credentials {
namespace {

class ContainerKeys final : public AwsProvider {
 public:
  explicit ContainerKeys(ProviderContext context) : context_(std::move(context)) {}
  const char* name() const override { return "container"; }

  Result<std::optional<AwsKeys>> load(const FetchLimits& limits) override {
    const std::string relative = context_.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const std::string full = context_.env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative.empty() && full.empty()) return std::nullopt;
    transport::HttpRequest request;
    request.direct = true;
    request.url = relative.empty() ? full : "http://169.254.170.2" + relative;
    const auto parsed = parse_url(request.url);
    if (!parsed || !parsed->is_web()) {
      return fail(ErrorCode::invalid_config,
                  relative.empty() ? "AWS_CONTAINER_CREDENTIALS_FULL_URI is not a valid http or https URL"
                                   : "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a valid path");
    }
    // Do not send the authorization token over the Internet in plain text.
    const std::string& host = parsed->host;
    const bool numeric =
        host.find_first_not_of("0123456789.") == std::string::npos || host.find(':') != std::string::npos;
    if (parsed->scheme == Url::Scheme::http && host != "localhost" &&
        (!numeric || transport::is_public_address(host))) {
      return fail(ErrorCode::invalid_config,
                  "AWS_CONTAINER_CREDENTIALS_FULL_URI must use https, because its host is not local");
    }
    std::string token = context_.env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (const std::string file = context_.env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
      auto text = read_file(file, 64 * 1024);
      if (!text)
        return fail(ErrorCode::unauthorized,
                    "cannot read the file named by AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                    text.error().detail);
      token = *text;
    }
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    if (!token.empty()) request.headers.push_back("Authorization: " + token);
    const auto answer = fetch(context_, request, "container credentials", limits);
    if (!answer) return fail(answer.error());
    auto keys = parse_container_keys(*answer, "container credentials");
    if (!keys) return fail(keys.error());
    return std::move(*keys);
  }

 private:
  const ProviderContext context_;
};

}  // namespace

Result<AwsKeys> parse_container_keys(const std::string& text, const char* service) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  AwsKeys keys;
  if (json.is_object()) {
    keys = {transport::text_at(json, "AccessKeyId"), transport::text_at(json, "SecretAccessKey"),
            transport::text_at(json, "Token"), parse_iso8601(transport::text_at(json, "Expiration"))};
  }
  if (keys.key_id.empty() || keys.secret.empty() || (!keys.session_token.empty() && !keys.expires)) {
    return fail(ErrorCode::unauthorized, "cannot obtain credentials for the store",
                fmt::format("{}: the answer contains no usable credentials", service));
  }
  return keys;
}

std::unique_ptr<AwsProvider> container_keys(ProviderContext context) {
  return std::make_unique<ContainerKeys>(std::move(context));
}

}  // namespace offloader::credentials
