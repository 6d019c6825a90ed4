// JWTs through the whole server: an issuer whose key set is fetched over HTTP.

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>

#include "await.h"
#include "http_client.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/jwt/testing/signing_key.h"
#include "offloader/transport/testing/fake_server.h"
#include "test_server.h"
#include "two_tenants.h"

namespace offloader::app {
namespace {

using jwt::Algorithm;
using jwt::testing::SigningKey;
using transport::testing::FakeServer;
using transport::testing::Request;
using transport::testing::text_answer;

class IssuerTest : public ::testing::Test {
 protected:
  IssuerTest() {
    two_tenants::write(root_);
    write_issuer("/jwks.json");
  }

  void write_issuer(const std::string& path) {
    std::ofstream(root_ / "offloader.yml") << "version: 1\nkeys: keys/keys.yml\nidentity: identity.yml\n"
                                           << "allowed_origins: ['" << idp_.url() << "']\n";
    std::ofstream(root_ / "identity.yml")
        << "issuers:\n  - {id: idp, issuer: 'https://id.example/', audience: [offloader], jwks: '"
        << idp_.url() << path << "', algorithms: [ES256], tenant_claim: org.id, endpoints_claim: scope}\n";
  }
  void start(std::chrono::seconds max_stale = std::chrono::hours(24)) {
    server_ =
        std::make_unique<TestServer>(root_, folder_.path() / "cache",
                                     TestServerOptions{.admin_token = "admin", .jwks_max_stale = max_stale});
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
  }
  void publish(const std::string& key_set) {
    const std::lock_guard lock(mutex_);
    published_ = key_set;
  }

  static std::string token(const SigningKey& key, const std::string& tenant = "yak-corp",
                           const std::string& scope = "orders yak_only", int number = 0) {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    return key.sign(R"({"iss":"https://id.example/","aud":"offloader","sub":"u1","iat":)" +
                    std::to_string(now) + R"(,"exp":)" + std::to_string(now + 600) + R"(,"org":{"id":")" +
                    tenant + R"("},"scope":")" + scope + R"(","n":)" + std::to_string(number) + "}");
  }
  Answer ask(const std::string& token, const std::string& target = "/v1/endpoints/orders") const {
    return HttpClient(server_->api_port()).get(target, {"authorization: Bearer " + token});
  }
  [[nodiscard]] bool shows(const std::string& line) const {
    return HttpClient(server_->admin_port()).get("/metrics").body.find(line) != std::string::npos;
  }

  std::mutex mutex_;
  const SigningKey key_{Algorithm::es256, "k1"};
  std::string published_ = key_.key_set();
  FakeServer idp_{[this](const Request&) {
    const std::lock_guard lock(mutex_);
    return text_answer(200, published_, "application/json");
  }};
  const TemporaryFolder folder_;
  const std::filesystem::path root_ = folder_.path() / "project";
  std::unique_ptr<TestServer> server_;
};

TEST_F(IssuerTest, Invariant14_Token_ReadsTheRowsOfItsTenantAlone) {
  start();
  const Answer yak = ask(token(key_));
  ASSERT_EQ(yak.status, 200) << yak.body;
  EXPECT_NE(yak.body.find("yak-corp"), std::string::npos);
  EXPECT_EQ(yak.body.find("zebra-corp"), std::string::npos);
  const Answer zebra = ask(token(key_, "zebra-corp", "orders"));
  EXPECT_NE(zebra.body.find("zebra-corp"), std::string::npos);
  EXPECT_EQ(zebra.body.find("yak-corp"), std::string::npos);
  EXPECT_EQ(ask(token(key_, "zebra-corp", "orders"), "/v1/endpoints/yak_only").status, 404);
  EXPECT_EQ(ask(token(key_, "zebra-corp", ""), "/v1/endpoints/orders").status, 404);
  EXPECT_EQ(ask("offl_zebra_0123456789abcdef").status, 200);
  EXPECT_TRUE(shows("offloader_jwks_ok{issuer=\"idp\"} 1"));
}

// Whatever is wrong with a token, the caller learns no more than with an unknown key.
TEST_F(IssuerTest, Invariant14_ForgedTokens_AreAnsweredLikeAnUnknownKey) {
  start();
  const auto without_id = [](const Answer& answer) {
    std::string body = answer.body;
    const std::size_t at = body.find("\"request_id\":\"");
    return at == std::string::npos ? body : body.erase(at, body.find('}', at) - at);
  };
  const std::string unknown = without_id(ask("offl_nobody"));
  const std::string good = token(key_);
  const std::string text = good.substr(0, good.rfind('.') + 1);
  const SigningKey foreign(Algorithm::es256, "k1");
  for (const std::string& forged :
       {text, text + std::string(86, 'A'), token(foreign), token(SigningKey(Algorithm::es256, "k2")),
        foreign.sign(foreign.header(R"(,"jwk":)" + foreign.jwk()), R"({"iss":"https://id.example/"})"),
        key_.sign(R"({"alg":"none"})", R"({"iss":"https://id.example/"})"),
        key_.sign(R"({"iss":"https://evil.example/"})"), token(key_, "yak\\u0000corp"), token(key_, ""),
        std::string("a.b.c"), good + "."}) {
    const Answer answer = ask(forged);
    EXPECT_EQ(answer.status, 401) << forged;
    EXPECT_EQ(without_id(answer), unknown) << forged;
  }
  EXPECT_EQ(ask(good).status, 200);
}

TEST_F(IssuerTest, IssuerDownAtStart_ServerStartsAndRecovers) {
  transport::testing::Fault dropped;
  dropped.drop = true;
  idp_.inject({.times = -1, .fault = dropped});
  start();
  EXPECT_EQ(ask("offl_zebra_0123456789abcdef").status, 200);
  EXPECT_EQ(ask(token(key_)).status, 401);
  EXPECT_TRUE(shows("offloader_jwks_ok{issuer=\"idp\"} 0"));
  EXPECT_TRUE(shows("offloader_auth_failures_total{reason=\"issuer\"} 1"));
}

TEST_F(IssuerTest, IssuerGoesDown_KnownKeysWorkUntilTheyAreStale) {
  start(std::chrono::seconds(3));
  const std::string good = token(key_);
  ASSERT_EQ(ask(good).status, 200);
  const auto down = std::chrono::steady_clock::now();
  idp_.inject({.times = -1, .fault = transport::testing::status_fault(503)});
  ASSERT_TRUE(await([&] { return shows("offloader_jwks_ok{issuer=\"idp\"} 0"); }));
  const int status = ask(good).status;
  if (std::chrono::steady_clock::now() - down < std::chrono::seconds(1)) {
    EXPECT_EQ(status, 200);
  }
  ASSERT_TRUE(await([&] { return ask(good).status == 401; }));
  EXPECT_EQ(ask("offl_zebra_0123456789abcdef").status, 200);
  idp_.clear_faults();
  ASSERT_TRUE(await([&] { return ask(good).status == 200; }));
  EXPECT_TRUE(shows("offloader_jwks_ok{issuer=\"idp\"} 1"));
}

TEST_F(IssuerTest, RotationUnderLoad_NoSoundTokenFails) {
  start();
  const SigningKey next(Algorithm::es256, "k2");
  std::atomic<bool> rotated{false};
  std::atomic<bool> stop{false};
  std::atomic<int> passed{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      HttpClient client(server_->api_port());
      for (int n = 0; !stop.load(); ++n) {
        const std::string fresh =
            token(rotated.load() ? next : key_, "yak-corp", "orders", i * 1'000'000 + n);
        const int status = client.get("/v1/endpoints/orders", {"authorization: Bearer " + fresh}).status;
        (status == 200 ? passed : failed).fetch_add(1);
      }
    });
  }
  ASSERT_TRUE(await([&] { return passed.load() > 200; }));
  // The issuer signs with the new key at once, which nobody has fetched yet, and still publishes the old one.
  publish(R"({"keys":[)" + key_.jwk() + "," + next.jwk() + "]}");
  rotated = true;
  const int before = passed.load();
  ASSERT_TRUE(await([&] { return passed.load() > before + 200; }));
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(failed.load(), 0);
  EXPECT_EQ(idp_.count(), 2U);
}

TEST_F(IssuerTest, Reload_IssuerRemoved_ItsTokensAreForgotten) {
  start();
  const std::string good = token(key_);
  ASSERT_EQ(ask(good).status, 200);
  std::ofstream(root_ / "offloader.yml") << "version: 1\nkeys: keys/keys.yml\n";
  HttpClient admin(server_->admin_port());
  ASSERT_EQ(admin.send("POST", "/config/reload", {"authorization: Bearer admin"}).status, 200);
  EXPECT_EQ(ask(good).status, 401);
  EXPECT_FALSE(shows("offloader_jwks_ok"));
  write_issuer("/jwks.json");
  ASSERT_EQ(admin.send("POST", "/config/reload", {"authorization: Bearer admin"}).status, 200);
  EXPECT_EQ(ask(good).status, 200);
}

}  // namespace
}  // namespace offloader::app
