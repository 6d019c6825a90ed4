#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/catalog/load.h"

namespace offloader::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Files = std::map<std::string, std::string>;

constexpr const char* kKeySet =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

Files project(const std::string& issuer) {
  return {{"offloader.yml", "version: 1\nidentity: identity.yml\n"},
          {"datasets/d.yml",
           "id: d\nmanifest: m.json\ntenant_column: t\nschema:\n  - {name: n, type: INTEGER}\n  - {name: t, "
           "type: VARCHAR}\n"},
          {"endpoints/e.yml",
           "name: e\nversion: 1\ndataset: d\ntenant: {column: t}\nquery:\n  select: [{as: n, column: "
           "n}]\ncolumns: [n]\n"},
          {"keys/jwks.json", kKeySet},
          {"identity.yml", "issuers:\n  - " + issuer + "\n"}};
}

constexpr const char* kMinimal =
    "{id: a, issuer: 'https://a.example', audience: [o], jwks: 'https://a.example/jwks', algorithms: "
    "[ES256], "
    "tenant_claim: tenant, endpoints: ['*']}";

TEST(Issuers, Load_Minimal_HasTheDocumentedDefaults) {
  const LoadedProject loaded = load_project_files(project(kMinimal));
  ASSERT_TRUE(loaded.catalog) << to_text(loaded.findings);
  EXPECT_EQ(to_text(loaded.findings), "");  // no keys, but an issuer
  const Issuer& issuer = loaded.catalog->issuers.at(0);
  EXPECT_EQ(issuer.id, "a");
  EXPECT_EQ(issuer.rules.issuer, "https://a.example");
  EXPECT_THAT(issuer.rules.audience, ElementsAre("o"));
  EXPECT_THAT(issuer.rules.audience_claim, ElementsAre("aud"));
  EXPECT_THAT(issuer.rules.algorithms, ElementsAre(jwt::Algorithm::es256));
  EXPECT_EQ(issuer.rules.leeway.count(), 30);
  EXPECT_EQ(issuer.rules.max_lifetime.count(), 86400);
  EXPECT_EQ(issuer.rules.typ, "");
  EXPECT_TRUE(issuer.fetches_keys());
  EXPECT_EQ(issuer.jwks, "https://a.example/jwks");
  EXPECT_EQ(issuer.endpoints, std::nullopt);
  EXPECT_EQ(issuer.tenants, std::nullopt);
}

TEST(Issuers, Load_EveryField_IsRead) {
  const LoadedProject loaded =
      load_project_files(project("{id: a, issuer: x, audience: [o, p], jwks: keys/jwks.json, algorithms: "
                                 "[EdDSA], tenant_claim: ['a.b', c], "
                                 "endpoints_claim: realm.roles, audience_claim: client_id, typ: at+jwt, "
                                 "require: {use: access, n: 2, ok: true}, "
                                 "endpoints_prefix: 'read:', endpoints: [e], tenants: [acme, 7], "
                                 "leeway_seconds: 0, max_lifetime_seconds: 60}"));
  ASSERT_TRUE(loaded.catalog) << to_text(loaded.findings);
  const Issuer& issuer = loaded.catalog->issuers.at(0);
  EXPECT_FALSE(issuer.fetches_keys());
  EXPECT_EQ(issuer.keys->keys().size(), 1U);
  EXPECT_THAT(issuer.tenant_claim, ElementsAre("a.b", "c"));
  EXPECT_THAT(issuer.endpoints_claim, ElementsAre("realm", "roles"));
  EXPECT_THAT(issuer.rules.audience_claim, ElementsAre("client_id"));
  EXPECT_EQ(issuer.rules.typ, "at+jwt");
  ASSERT_EQ(issuer.rules.require.size(), 3U);
  EXPECT_EQ(issuer.rules.require[1].value, decltype(jwt::RequiredClaim::value)(std::int64_t{2}));
  EXPECT_EQ(issuer.endpoints_prefix, "read:");
  EXPECT_THAT(*issuer.endpoints, ElementsAre("e"));
  EXPECT_THAT(*issuer.tenants, ElementsAre("acme", "7"));
  EXPECT_EQ(issuer.rules.leeway.count(), 0);
  EXPECT_EQ(issuer.rules.max_lifetime.count(), 60);
  EXPECT_TRUE(loaded.texts->files.contains("keys/jwks.json"));
  EXPECT_THAT(loaded.texts->named, ElementsAre("identity.yml", "keys/jwks.json"));
}

TEST(Issuers, KeySetFile_Changed_ChangesTheConfigVersionAndTheIssuer) {
  Files files = project(
      "{id: a, issuer: x, audience: [o], jwks: keys/jwks.json, algorithms: [EdDSA], tenant_claim: t, "
      "endpoints: [e]}");
  const auto before = load_project_files(files);
  files["keys/jwks.json"] += "\n";
  const auto after = load_project_files(files);
  ASSERT_TRUE(before.catalog && after.catalog);
  EXPECT_NE(before.catalog->config_version, after.catalog->config_version);
  EXPECT_FALSE(before.catalog->issuers == after.catalog->issuers);
}

TEST(Issuers, WithoutEndpointsAndClaim_IsAFinding) {
  EXPECT_THAT(to_text(load_project_files(project("{id: a, issuer: x, audience: [o], jwks: keys/jwks.json, "
                                                 "algorithms: [EdDSA], tenant_claim: t}"))
                          .findings),
              HasSubstr("missing at issuers[0].endpoints"));
}

}  // namespace
}  // namespace offloader::catalog
