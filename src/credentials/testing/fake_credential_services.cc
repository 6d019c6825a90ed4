#include "offloader/credentials/testing/fake_credential_services.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "offloader/transport/testing/dates.h"
#include "offloader/transport/testing/request_text.h"

namespace offloader::credentials::testing {
namespace {

constexpr const char* kSession = "imds-session-token";
constexpr const char* kRoles = "/latest/meta-data/iam/security-credentials/";

}  // namespace

FakeCredentialServices::FakeCredentialServices(CredentialBook& book)
    : book_(book), server_([this](const transport::testing::Request& request) { return answer(request); }) {}

transport::testing::Answer FakeCredentialServices::answer(const transport::testing::Request& request) {
  if (request.path.starts_with("/latest/")) return instance(request);
  if (request.path == "/ecs") {
    return request.header("authorization") == kContainerToken
               ? keys_json()
               : transport::testing::text_answer(401, "who are you?");
  }
  if (request.path == "/computeMetadata/v1/instance/service-accounts/default/token") {
    return request.header("metadata-flavor") == "Google" ? token_json()
                                                         : transport::testing::text_answer(403, "no flavor");
  }
  if (request.method == "POST" && request.path == "/oauth/token") {
    const std::string grant = transport::testing::form_field(request.body, "grant_type");
    const bool sound = (grant == "refresh_token" &&
                        !transport::testing::form_field(request.body, "refresh_token").empty()) ||
                       (grant == "urn:ietf:params:oauth:grant-type:jwt-bearer" &&
                        !transport::testing::form_field(request.body, "assertion").empty());
    return sound ? token_json()
                 : transport::testing::text_answer(400, R"({"error":"invalid_grant"})", "application/json");
  }
  if (request.method == "POST" && request.path == "/") return sts(request);
  return transport::testing::text_answer(404, "no such service");
}

transport::testing::Answer FakeCredentialServices::instance(const transport::testing::Request& request) {
  if (request.path == "/latest/api/token") {
    const bool sound =
        request.method == "PUT" && !request.header("x-aws-ec2-metadata-token-ttl-seconds").empty();
    return sound ? transport::testing::text_answer(200, kSession)
                 : transport::testing::text_answer(405, "PUT it");
  }
  // IMDSv1, which needs no session token, is disabled.
  if (request.header("x-aws-ec2-metadata-token") != kSession)
    return transport::testing::text_answer(401, "no session");
  const std::string path = transport::testing::percent_decoded(request.path);
  if (path == kRoles) return transport::testing::text_answer(200, std::string(kRole) + "\n");
  if (path == std::string(kRoles) + kRole) return keys_json();
  return transport::testing::text_answer(404, "no such role");
}

transport::testing::Answer FakeCredentialServices::sts(const transport::testing::Request& request) {
  if (transport::testing::form_field(request.body, "Action") != "AssumeRoleWithWebIdentity" ||
      transport::testing::form_field(request.body, "WebIdentityToken") != kWebIdentityToken ||
      transport::testing::form_field(request.body, "RoleArn").empty()) {
    return transport::testing::text_answer(
        400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>");
  }
  const IssuedKeys keys = book_.issue_keys(lifetime());
  return transport::testing::text_answer(
      200,
      fmt::format(
          "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
          "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{}</AccessKeyId>"
          "<SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken><Expiration>{}</Expiration>"
          "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
          keys.key_id, keys.secret, keys.session_token, transport::testing::iso_date(*keys.expires)),
      "text/xml");
}

transport::testing::Answer FakeCredentialServices::keys_json() {
  const IssuedKeys keys = book_.issue_keys(lifetime());
  const nlohmann::json body = {
      {"Code", "Success"},           {"Type", "AWS-HMAC"},
      {"AccessKeyId", keys.key_id},  {"SecretAccessKey", keys.secret},
      {"Token", keys.session_token}, {"Expiration", transport::testing::iso_date(*keys.expires)}};
  return transport::testing::text_answer(200, body.dump(), "application/json");
}

transport::testing::Answer FakeCredentialServices::token_json() {
  const IssuedToken token = book_.issue_token(lifetime());
  const nlohmann::json body = {
      {"access_token", token.token}, {"expires_in", lifetime_ms_.load() / 1000}, {"token_type", "Bearer"}};
  return transport::testing::text_answer(200, body.dump(), "application/json");
}

}  // namespace offloader::credentials::testing
