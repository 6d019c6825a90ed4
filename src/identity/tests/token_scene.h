#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "offloader/base/base64url.h"
#include "offloader/base/crypto.h"
#include "offloader/catalog/load.h"
#include "offloader/identity/principals.h"
#include "offloader/jwt/testing/signing_key.h"

namespace offloader::identity {

using jwt::Algorithm;
using jwt::testing::SigningKey;

// A clock that tests set.
class ManualClock final : public Clock {
 public:
  SystemTime now() const override { return SystemTime(std::chrono::seconds(1767268800) + passed.load()); }
  SteadyTime steady_now() const override { return SteadyTime(std::chrono::hours(1)) + passed.load(); }
  Now both() const { return {now(), steady_now()}; }

  std::atomic<std::chrono::seconds> passed{std::chrono::seconds(0)};
};

// A project with endpoint `open` (no tenant), `text` and `number` (by tenant), a key, and issuers.
class TokenScene {
 public:
  using Files = std::map<std::string, std::string>;

  static std::string endpoint(const std::string& name, const std::string& tenant) {
    return "name: " + name + "\nversion: 1\ndataset: " + name + "_data\n" + tenant +
           "query:\n  select: [{as: n, column: n}]\ncolumns: [n]\n";
  }
  static std::string dataset(const std::string& name, const std::string& tenant_type) {
    return "id: " + name + "_data\nmanifest: m.json\n" + (tenant_type.empty() ? "" : "tenant_column: t\n") +
           "schema:\n  - {name: n, type: INTEGER}\n" +
           (tenant_type.empty() ? "" : "  - {name: t, type: " + tenant_type + "}\n");
  }
  // `issuer` is the fields of one issuer beyond id, issuer, audience, jwks and algorithms.
  Files files(const std::string& issuer) const {
    return {{"offloader.yml", "version: 1\nkeys: keys.yml\nidentity: identity.yml\n"},
            {"datasets/open.yml", dataset("open", "")},
            {"datasets/text.yml", dataset("text", "VARCHAR")},
            {"datasets/number.yml", dataset("number", "INTEGER")},
            {"endpoints/open.yml", endpoint("open", "")},
            {"endpoints/text.yml", endpoint("text", "tenant: {column: t}\n")},
            {"endpoints/number.yml", endpoint("number", "tenant: {column: t}\n")},
            {"jwks.json", key.key_set()},
            {"keys.yml", "keys:\n  - {id: app, hash: \"" + to_hex(sha256("good")) +
                             "\", tenant: null, endpoints: [open], status: active}\n"},
            {"identity.yml",
             "issuers:\n  - {id: idp, issuer: 'https://id.example/', audience: [offloader], jwks: " + jwks +
                 ", algorithms: [ES256], " + issuer + "}\n"}};
  }

  static std::shared_ptr<const catalog::Catalog> load(Files files) {
    auto loaded = catalog::load_project_files(std::move(files));
    if (!loaded.catalog) throw std::runtime_error(catalog::to_text(loaded.findings));
    return loaded.catalog;
  }

  // Returns the claims of a token that is valid now. `more` are further members.
  [[nodiscard]] std::string claims(const std::string& more) const {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count();
    return R"({"iss":"https://id.example/","aud":"offloader","sub":"u1","iat":)" + std::to_string(now) +
           R"(,"exp":)" + std::to_string(now + 600) + (more.empty() ? "" : "," + more) + "}";
  }
  [[nodiscard]] std::string token(const std::string& more) const { return key.sign(claims(more)); }

  std::string jwks = "jwks.json";
  ManualClock clock;
  const SigningKey key{Algorithm::es256, "k1"};
};

}  // namespace offloader::identity
