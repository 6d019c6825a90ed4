#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "token_scene.h"

namespace offloader::identity {
namespace {

using ::testing::ElementsAre;

class TokenPrincipals : public ::testing::Test, public TokenScene {
 protected:
  // Uses a project with this issuer.
  void serve(const std::string& issuer) {
    catalog_ = load(files(issuer));
    principals_ = std::make_unique<Principals>(*catalog_);
  }
  Principals::Found find(const std::string& token) const {
    return principals_->find({"Bearer " + token}, clock.both());
  }
  // Finds or verifies, as the API does.
  Principals::Found ask(const std::string& token) const {
    auto found = find(token);
    return found.outcome == Outcome::unverified ? principals_->verify(token, clock.both()) : found;
  }
  std::vector<std::string> granted(const std::string& more) const {
    const auto found = ask(token(more));
    std::vector<std::string> names;
    if (found.outcome != Outcome::ok) return {"refused"};
    for (const Grant& grant : found.principal->grants())
      names.push_back(found.principal->table->entries()[grant.endpoint].name);
    return names;
  }

  std::shared_ptr<const catalog::Catalog> catalog_;
  std::unique_ptr<Principals> principals_;
};

TEST_F(TokenPrincipals, ValidToken_IsVerifiedOnceAndRemembered) {
  serve("tenant_claim: org.id, endpoints: ['*']");
  const std::string good = token(R"("org":{"id":"7"})");
  EXPECT_EQ(find(good).outcome, Outcome::unverified);
  const auto verified = principals_->verify(good, clock.both());
  ASSERT_EQ(verified.outcome, Outcome::ok) << verified.reason;
  EXPECT_EQ(verified.principal->id, "idp");
  EXPECT_EQ(verified.principal->subject, "u1");
  const auto remembered = find(good);
  ASSERT_EQ(remembered.outcome, Outcome::ok);
  EXPECT_EQ(remembered.principal, verified.principal);
  EXPECT_EQ(*remembered.principal->grant_for("text")->tenant, catalog::Tenant("7"));
  EXPECT_EQ(*remembered.principal->grant_for("number")->tenant, catalog::Tenant(std::int64_t{7}));
}

TEST_F(TokenPrincipals, RememberedToken_ExpiresWithItsLeeway) {
  serve("tenant_claim: org.id, endpoints: [text]");
  const std::string good = token(R"("org":{"id":"acme"})");
  ASSERT_EQ(ask(good).outcome, Outcome::ok);
  clock.passed = std::chrono::seconds(629);
  EXPECT_EQ(find(good).outcome, Outcome::ok);
  clock.passed = std::chrono::seconds(630);
  EXPECT_EQ(find(good).outcome, Outcome::unverified);
  EXPECT_EQ(ask(good).outcome, Outcome::token);
}

TEST_F(TokenPrincipals, Keys_ComeFirst) {
  serve("endpoints: [open]");
  EXPECT_EQ(find("good").principal->id, "app");
  EXPECT_EQ(find("bad").outcome, Outcome::unknown);
  // A key whose token has the shape of a JWT.
  const std::string shaped = token("");
  Files project = files("endpoints: [open]");
  project["keys.yml"] = "keys:\n  - {id: shaped, hash: \"" + to_hex(sha256(shaped)) +
                        "\", tenant: null, endpoints: [open], status: revoked}\n";
  catalog_ = load(project);
  principals_ = std::make_unique<Principals>(*catalog_);
  EXPECT_EQ(find(shaped).outcome, Outcome::revoked);
}

TEST_F(TokenPrincipals, WithoutIssuers_TokensAreUnknown) {
  Files project = files("endpoints: [open]");
  project["offloader.yml"] = "version: 1\nkeys: keys.yml\n";
  catalog_ = load(project);
  principals_ = std::make_unique<Principals>(*catalog_);
  EXPECT_EQ(find(token("")).outcome, Outcome::unknown);
}

TEST_F(TokenPrincipals, RefusedTokens_HaveTheirReason) {
  serve("tenant_claim: org.id, endpoints: [text]");
  const SigningKey other(Algorithm::es256, "k1");
  EXPECT_EQ(ask(other.sign(claims(R"("org":{"id":"acme"})"))).outcome, Outcome::token);
  EXPECT_EQ(ask(key.sign(R"({"iss":"https://other.example/"})")).outcome, Outcome::issuer);
  EXPECT_EQ(ask(key.sign(R"({"iss":7})")).outcome, Outcome::issuer);
  EXPECT_EQ(ask("a.b.c").outcome, Outcome::token);
  EXPECT_EQ(
      principals_->find({"Bearer " + std::string(Principals::kMaxToken + 1, 'x')}, clock.both()).outcome,
      Outcome::malformed);
  const auto unknown_key = ask(SigningKey(Algorithm::es256, "k2").sign(claims(R"("org":{"id":"acme"})")));
  EXPECT_EQ(unknown_key.outcome, Outcome::token);
  EXPECT_NE(unknown_key.fetch, nullptr);
  EXPECT_EQ(unknown_key.fetch->fetch(unknown_key.keys_number, [] {}), IssuerKeys::Asked::refused);  // a file
}

TEST_F(TokenPrincipals, TenantClaim_MustBeATenant) {
  serve("tenant_claim: t, endpoints: [text]");
  EXPECT_THAT(granted(R"("t":"acme")"), ElementsAre("text"));
  EXPECT_THAT(granted("\"t\":\"\xC3\xA9\""), ElementsAre("text"));
  // A number for a text column, and é as two code points.
  for (const char* bad : {"", R"("t":null)", R"("t":"")", R"("t":["acme"])", R"("t":{"id":"acme"})",
                          R"("t":7)", R"("t":1.5)", R"("t":true)", R"("t":"e\u0301")", R"("t":"a\u0000b")"})
    EXPECT_THAT(granted(bad), ElementsAre("refused")) << bad;
}

TEST_F(TokenPrincipals, IntegerTenants_AreCanonicalAndFit) {
  serve("tenant_claim: t, endpoints: [number]");
  EXPECT_THAT(granted(R"("t":7)"), ElementsAre("number"));
  EXPECT_THAT(granted(R"("t":"7")"), ElementsAre("number"));
  EXPECT_THAT(granted(R"("t":-7)"), ElementsAre("number"));
  for (const char* bad :
       {R"("t":"07")", R"("t":"+7")", R"("t":" 7")", R"("t":7.0)", R"("t":7e0)", R"("t":-0)", R"("t":"-0")",
        R"("t":3000000000)", R"("t":"3000000000")", R"("t":99999999999999999999)", R"("t":"acme")"})
    EXPECT_THAT(granted(bad), ElementsAre("refused")) << bad;
}

// A tenant has to fit every tenant column that the token reaches, as that of a key has to.
TEST_F(TokenPrincipals, TenantThatFitsOneColumnOnly_IsRefused) {
  serve("tenant_claim: t, endpoints: ['*']");
  EXPECT_THAT(granted(R"("t":"acme")"), ElementsAre("refused"));
  EXPECT_THAT(granted(R"("t":7)"), ElementsAre("refused"));
  EXPECT_THAT(granted(R"("t":"7")"), ElementsAre("number", "open", "text"));
}

TEST_F(TokenPrincipals, WithoutTenantClaim_ScopedEndpointsAreNotGranted) {
  serve("endpoints: ['*']");
  EXPECT_THAT(granted(R"("t":"acme")"), ElementsAre("open"));
}

TEST_F(TokenPrincipals, TenantsCeiling_IsHeld) {
  serve("tenant_claim: t, endpoints: [text], tenants: [acme, 7]");
  EXPECT_THAT(granted(R"("t":"acme")"), ElementsAre("text"));
  EXPECT_THAT(granted(R"("t":"7")"), ElementsAre("text"));
  EXPECT_THAT(granted(R"("t":"globex")"), ElementsAre("refused"));
  EXPECT_THAT(granted(R"("t":"ACME")"), ElementsAre("refused"));
}

TEST_F(TokenPrincipals, EndpointsClaim_IsCutToItsPrefixAndCeiling) {
  serve("tenant_claim: t, endpoints_claim: scope, endpoints_prefix: 'read:', endpoints: [open, text]");
  EXPECT_THAT(granted(R"("t":"7","scope":"read:open read:text read:number write:open open read:nothing")"),
              ElementsAre("open", "text"));
  EXPECT_THAT(granted(R"("t":"7","scope":["read:open","read:*",7])"), ElementsAre("open"));
  EXPECT_THAT(granted(R"("t":"7")"), ElementsAre());
  EXPECT_THAT(granted(R"("t":"7","scope":"*")"), ElementsAre());
}

TEST_F(TokenPrincipals, FairnessClass_IsThatOfTheTenant) {
  serve("tenant_claim: t, endpoints: [text]");
  const auto class_of = [&](const std::string& more) { return ask(token(more)).principal->fairness_class; };
  EXPECT_EQ(class_of(R"("t":"acme")"), class_of(R"("t":"acme","x":1)"));
  EXPECT_NE(class_of(R"("t":"acme")"), class_of(R"("t":"globex")"));
  EXPECT_EQ(class_of(R"("t":"acme")"), std::hash<std::string>{}("tenant:acme"));
}

TEST_F(TokenPrincipals, SamePrincipals_IssuerDiffers_IsFalse) {
  const auto one = load(files("tenant_claim: t, endpoints: [text]"));
  EXPECT_TRUE(same_principals(*one, *load(files("tenant_claim: t, endpoints: [text]"))));
  EXPECT_FALSE(same_principals(*one, *load(files("tenant_claim: u, endpoints: [text]"))));
  EXPECT_FALSE(same_principals(*one, *load(files("tenant_claim: t, endpoints: [text], leeway_seconds: 0"))));
}

TEST_F(TokenPrincipals, ManyTokens_MemoryIsBounded) {
  serve("tenant_claim: t, endpoints: [text]");
  const auto verify_many = [&](int from) {
    for (int i = from; i < from + 300; ++i)
      EXPECT_EQ(ask(token(R"("t":"acme","n":)" + std::to_string(i))).outcome, Outcome::ok);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(verify_many, i * 300);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace offloader::identity
