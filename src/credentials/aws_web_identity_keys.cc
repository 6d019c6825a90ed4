#include <pugixml.hpp>
#include <utility>

#include "offloader/base/file.h"
#include "offloader/base/timestamp.h"
#include "offloader/credentials/aws_providers.h"
#include "offloader/transport/url_encoding.h"

namespace offloader::credentials {
namespace {

class WebIdentityKeys final : public AwsProvider {
 public:
  WebIdentityKeys(ProviderContext context, std::string region)
      : context_(std::move(context)), region_(std::move(region)) {}
  const char* name() const override { return "web identity"; }

  Result<std::optional<AwsKeys>> load(const FetchLimits& limits) override {
    const std::string file = context_.env("AWS_WEB_IDENTITY_TOKEN_FILE");
    const std::string role = context_.env("AWS_ROLE_ARN");
    if (file.empty() || role.empty()) return std::nullopt;
    // Read it each time: Kubernetes rotates the file.
    auto token = read_file(file, 64 * 1024);
    if (!token)
      return fail(ErrorCode::unauthorized, "cannot read the file named by AWS_WEB_IDENTITY_TOKEN_FILE",
                  token.error().detail);
    while (!token->empty() && (token->back() == '\n' || token->back() == '\r')) token->pop_back();
    const std::string session = context_.env("AWS_ROLE_SESSION_NAME");
    transport::HttpRequest request;
    request.method = "POST";
    request.url = endpoint();
    request.headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: text/xml"};
    request.body = transport::encode_query({{"Action", "AssumeRoleWithWebIdentity"},
                                            {"Version", "2011-06-15"},
                                            {"RoleArn", role},
                                            {"RoleSessionName", session.empty() ? "offloader" : session},
                                            {"WebIdentityToken", *token}});
    const auto answer = fetch(context_, request, "STS", limits);
    if (!answer) return fail(answer.error());
    return parse(*answer);
  }

 private:
  std::string endpoint() const {
    const std::string set = context_.env("AWS_ENDPOINT_URL_STS");
    return set.empty() ? "https://sts." + region_ + ".amazonaws.com/" : set;
  }

  static Result<std::optional<AwsKeys>> parse(const std::string& xml) {
    pugi::xml_document document;
    const bool parsed = static_cast<bool>(document.load_buffer(xml.data(), xml.size()));
    const pugi::xml_node found = document.child("AssumeRoleWithWebIdentityResponse")
                                     .child("AssumeRoleWithWebIdentityResult")
                                     .child("Credentials");
    AwsKeys keys{found.child_value("AccessKeyId"), found.child_value("SecretAccessKey"),
                 found.child_value("SessionToken"), parse_iso8601(found.child_value("Expiration"))};
    if (!parsed || keys.key_id.empty() || keys.secret.empty() || !keys.expires) {
      return fail(ErrorCode::unauthorized, "cannot obtain credentials for the store",
                  "STS: the answer contains no usable credentials");
    }
    return keys;
  }

  const ProviderContext context_;
  const std::string region_;
};

}  // namespace

std::unique_ptr<AwsProvider> web_identity_keys(ProviderContext context, std::string region) {
  return std::make_unique<WebIdentityKeys>(std::move(context), std::move(region));
}

}  // namespace offloader::credentials
