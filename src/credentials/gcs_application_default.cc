#include <nlohmann/json.hpp>
#include <utility>

#include "offloader/base/file.h"
#include "offloader/credentials/gcs_providers.h"
#include "offloader/transport/json_text.h"
#include "offloader/transport/url_encoding.h"
#include "provider_answers.h"

namespace offloader::credentials {
namespace {

constexpr const char* kTokenUri = "https://oauth2.googleapis.com/token";
constexpr const char* kScope = "https://www.googleapis.com/auth/devstorage.read_only";

class ApplicationDefault final : public BearerProvider {
 public:
  explicit ApplicationDefault(ProviderContext context) : context_(std::move(context)) {}
  const char* name() const override { return "application default credentials"; }

  Result<std::optional<BearerToken>> load(const FetchLimits& limits) override {
    std::string path = context_.env("GOOGLE_APPLICATION_CREDENTIALS");
    const bool named = !path.empty();
    if (!named) path = usual_place();
    if (path.empty()) return std::nullopt;
    const auto text = read_file(path, 1 << 20);
    if (!text) {
      if (!named && text.error().code == ErrorCode::not_found) return std::nullopt;
      return fail(ErrorCode::unauthorized, "cannot read the application default credentials",
                  text.error().detail);
    }
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    if (!json.is_object())
      return fail(ErrorCode::unauthorized, "the application default credentials are not a JSON object", path);
    const std::string type = transport::text_at(json, "type");
    std::string uri = transport::text_at(json, "token_uri");
    if (uri.empty()) uri = kTokenUri;
    transport::Query form;
    if (type == "service_account") {
      auto assertion = assert_account(json, uri);
      if (!assertion) return fail(assertion.error());
      form = {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
              {"assertion", std::move(*assertion)}};
    } else if (type == "authorized_user") {
      form = {{"grant_type", "refresh_token"},
              {"client_id", transport::text_at(json, "client_id")},
              {"client_secret", transport::text_at(json, "client_secret")},
              {"refresh_token", transport::text_at(json, "refresh_token")}};
    } else {
      return fail(ErrorCode::unauthorized,
                  "the application default credentials have an unsupported type: use service_account or "
                  "authorized_user",
                  path);
    }
    transport::HttpRequest request;
    request.method = "POST";
    request.url = uri;
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.body = transport::encode_query(form);
    const auto answer = fetch(context_, request, "OAuth", limits);
    if (!answer) return fail(answer.error());
    auto token = parse_token(*answer, "OAuth", context_.clock->now());
    if (!token) return fail(token.error());
    return std::move(*token);
  }

 private:
  std::string usual_place() const {
    const std::string folder = context_.env("CLOUDSDK_CONFIG");
    if (!folder.empty()) return folder + "/application_default_credentials.json";
    const std::string home = context_.env("HOME");
    return home.empty() ? home : home + "/.config/gcloud/application_default_credentials.json";
  }

  Result<std::string> assert_account(const nlohmann::json& json, const std::string& uri) const {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(context_.clock->now().time_since_epoch()).count();
    nlohmann::json header = {{"alg", "RS256"}, {"typ", "JWT"}};
    if (const std::string id = transport::text_at(json, "private_key_id"); !id.empty()) header["kid"] = id;
    const nlohmann::json claims = {{"iss", transport::text_at(json, "client_email")},
                                   {"scope", kScope},
                                   {"aud", uri},
                                   {"iat", now},
                                   {"exp", now + 3600}};
    const auto replace = nlohmann::json::error_handler_t::replace;
    return signed_jwt(header.dump(-1, ' ', false, replace), claims.dump(-1, ' ', false, replace),
                      transport::text_at(json, "private_key"));
  }

  const ProviderContext context_;
};

}  // namespace

std::unique_ptr<BearerProvider> application_default_token(ProviderContext context) {
  return std::make_unique<ApplicationDefault>(std::move(context));
}

}  // namespace offloader::credentials
