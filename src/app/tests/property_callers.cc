#include "property_callers.h"

#include <chrono>
#include <fstream>

namespace offloader::app {

namespace model = executor::testing::model;

namespace {

constexpr int kTokens = 3;  // for each tenant

std::string claims(const std::string& tenant_claim, const std::string& more = R"(,"aud":"offloader")") {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  return R"({"iss":"https://id.example/","sub":"u1","iat":)" + std::to_string(now) + R"(,"exp":)" +
         std::to_string(now + 86400) + (tenant_claim.empty() ? "" : R"(,"org":{"id":)" + tenant_claim + "}") +
         more + "}";
}

}  // namespace

Callers::Callers(const model::Project& project, const std::filesystem::path& root) {
  std::ofstream(root / "offloader.yml", std::ios::app) << "identity: identity.yml\n";
  std::ofstream(root / "jwks.json") << key_.key_set();
  std::ofstream(root / "identity.yml")
      << "issuers:\n  - {id: idp, issuer: 'https://id.example/', audience: [offloader], jwks: jwks.json, "
         "algorithms: [ES256], tenant_claim: org.id, endpoints: ['*']}\n";
  for (const std::string& tenant : project.tenants) {
    for (int i = 0; i < kTokens; ++i) {
      tokens_[tenant].push_back(key_.sign(
          claims("\"" + tenant + "\"", R"(,"aud":["other","offloader"],"n":)" + std::to_string(i))));
    }
  }
}

std::string Callers::authorize(const std::string& tenant, model::Random& random) const {
  const std::size_t which = random() % (kTokens + 1);
  return "authorization: Bearer " + (which == kTokens ? model::token_of(tenant) : tokens_.at(tenant)[which]);
}

std::string Callers::forge(const std::string& tenant, model::Random& random) const {
  const std::string quoted = "\"" + tenant + "\"";
  const std::string bearer = "authorization: Bearer ";
  switch (random() % 8) {
    case 0:
      return bearer + key_.sign(claims(""));
    case 1:
      return bearer + key_.sign(claims("null"));
    case 2:
      return bearer + key_.sign(claims("[" + quoted + "]"));
    case 3:
      return bearer + key_.sign(claims("{\"id\":" + quoted + "}"));
    case 4:
      return bearer + key_.sign(claims(tenant + ".0"));
    case 5:
      return bearer + key_.sign(claims("\"" + tenant + "e\\u0301\""));
    case 6:
      return bearer + foreign_.sign(claims(quoted));
    default:
      return bearer + key_.sign(claims(quoted, R"(,"aud":"other")"));
  }
}

}  // namespace offloader::app
