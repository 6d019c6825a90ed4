// What a connection remembers of its caller never outlasts the credentials.

#include "offloader/identity/recent_caller.h"

#include <gtest/gtest.h>

#include "token_scene.h"

namespace offloader::identity {
namespace {

class RecentCallerTest : public ::testing::Test, protected TokenScene {
 protected:
  void serve(const std::string& keys = "") {
    auto project = files("tenant_claim: org, endpoints: ['*']");
    project["keys.yml"] += keys;
    catalog_ = load(std::move(project));
    principals_ = std::make_unique<Principals>(*catalog_);
  }
  static std::string key_line(const std::string& id, const std::string& token, const std::string& more) {
    return "  - {id: " + id + ", hash: \"" + to_hex(sha256(token)) + "\", tenant: null, endpoints: [open], " +
           more + "}\n";
  }
  Principals::Found find(const std::string& token, const std::string& client = "192.0.2.1") {
    const std::string header = "Bearer " + token;
    Credentials credentials{header};
    credentials.client_address = [client] { return client; };
    return principals_->find(credentials, clock.both(), &recent_);
  }
  // Returns the id of the caller, once the connection knows it; the outcome if there is none.
  std::string caller(const std::string& token) {
    static_cast<void>(find(token));
    static_cast<void>(find(token));
    const auto found = find(token);
    return found.outcome == Outcome::ok ? found.principal->id : "refused";
  }

  std::shared_ptr<const catalog::Catalog> catalog_;
  std::unique_ptr<Principals> principals_;
  RecentCaller recent_;
};

TEST_F(RecentCallerTest, CallersInTurns_EachIsItself) {
  serve(key_line("b", "better", "status: active"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(caller("good"), "app");
    EXPECT_EQ(caller("gooe"), "refused") << "differs in a bit from the one that is known";
    EXPECT_EQ(caller("better"), "b");
    EXPECT_EQ(caller("bette"), "refused");
  }
}

TEST_F(RecentCallerTest, KnownCaller_HasTheSamePrincipal) {
  serve();
  static_cast<void>(find("good"));
  const auto second = find("good");
  EXPECT_EQ(find("good").principal, second.principal);
}

TEST_F(RecentCallerTest, KnownCaller_StaysKnownWhileAnotherTakesTurns) {
  serve(key_line("b", "better", "status: active"));
  static_cast<void>(find("good"));
  const auto known = find("good");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(find("better").principal->id, "b");
    EXPECT_EQ(find("good").principal, known.principal);
  }
}

TEST_F(RecentCallerTest, Key_ExpiresAlthoughItIsKnown) {
  serve(key_line("brief", "short", "expires_at: \"2026-01-01T13:00:00Z\", status: active"));
  EXPECT_EQ(caller("short"), "brief");
  clock.passed = std::chrono::hours(2);
  EXPECT_EQ(find("short").outcome, Outcome::expired);
}

TEST_F(RecentCallerTest, Address_IsCheckedForEachRequest) {
  serve(key_line("near", "local", "allowed_cidrs: [192.0.2.0/24], status: active"));
  EXPECT_EQ(caller("local"), "near");
  EXPECT_EQ(find("local", "198.51.100.1").outcome, Outcome::address);
  EXPECT_EQ(find("local", "").outcome, Outcome::address);
  EXPECT_EQ(find("local").outcome, Outcome::ok);
}

TEST_F(RecentCallerTest, RevokedKey_StaysRevoked) {
  serve(key_line("gone", "former", "status: revoked"));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(find("former").outcome, Outcome::revoked);
}

TEST_F(RecentCallerTest, Token_ExpiresAlthoughItIsKnown) {
  serve();
  const std::string good = token(R"("org":"7")");
  ASSERT_EQ(principals_->verify(good, clock.both()).outcome, Outcome::ok);
  EXPECT_EQ(caller(good), "idp");
  clock.passed = std::chrono::seconds(629);
  EXPECT_EQ(find(good).outcome, Outcome::ok);
  clock.passed = std::chrono::seconds(630);
  EXPECT_EQ(find(good).outcome, Outcome::unverified);
}

TEST_F(RecentCallerTest, OtherPrincipals_DoNotKnowIt) {
  serve();
  const std::string good = token(R"("org":"7")");
  ASSERT_EQ(principals_->verify(good, clock.both()).outcome, Outcome::ok);
  EXPECT_EQ(caller(good), "idp");
  serve();
  EXPECT_EQ(find(good).outcome, Outcome::unverified) << "what was verified went with the former principals";
  EXPECT_EQ(caller("good"), "app");
  auto without = files("tenant_claim: org, endpoints: ['*']");
  without["keys.yml"] = "keys:\n" + key_line("b", "better", "status: active");
  catalog_ = load(std::move(without));
  principals_ = std::make_unique<Principals>(*catalog_);
  EXPECT_EQ(find("good").outcome, Outcome::unknown);
}

TEST_F(RecentCallerTest, SeveralHeaders_AreRefusedAlthoughTheirTextIsKnown) {
  serve();
  EXPECT_EQ(caller("good"), "app");
  EXPECT_EQ(principals_->find({"Bearer good", 2}, clock.both(), &recent_).outcome, Outcome::malformed);
  EXPECT_EQ(principals_->find({std::nullopt}, clock.both(), &recent_).outcome, Outcome::missing);
}

TEST_F(RecentCallerTest, LongHeader_IsAnsweredWithoutBeingKept) {
  const std::string token(RecentCaller::kMostHeader, 'x');
  serve(key_line("long", token, "status: active"));
  EXPECT_EQ(caller(token), "long");
  EXPECT_NE(find(token).principal, find(token).principal);
}

}  // namespace
}  // namespace offloader::identity
