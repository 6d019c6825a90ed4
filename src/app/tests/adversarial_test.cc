// The invariants of security.md, attacked over HTTP. The number in a test's name is that of the invariant.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAcme = "authorization: Bearer offl_3adde5e43b9524a987b429b97780564c8e685865f0d0950a";
constexpr const char* kGlobex = "authorization: Bearer offl_c7d50c4116ff29af6c2c699b34bb2850e133530e12424d23";
constexpr const char* kRevoked =
    "authorization: Bearer offl_94f43e4f917f9fc57c243b64a0f3466f6f4f387c62877cd2";
const std::string kDaily = "/v1/endpoints/account_daily";

// All these tests share one server over examples/customer-analytics.
class Adversarial : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    cache_ = new TemporaryFolder();
    server_ = new TestServer(fs::path(OFFLOADER_SOURCE_DIR) / "examples/customer-analytics", cache_->path());
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
  }
  static void TearDownTestSuite() {
    delete server_;
    delete cache_;
  }

  static Answer call(const std::string& target, const std::vector<std::string>& headers = {kAcme},
                     const std::string& method = "GET") {
    HttpClient client(server_->api_port());
    return client.send(method, target, headers);
  }

  // Returns the answer's status, headers and body without what differs between requests.
  static std::string shape(const Answer& answer) {
    std::string out = std::to_string(answer.status) + "\n";
    std::string id;
    for (const auto& [name, value] : answer.headers) {
      if (name == "x-request-id")
        id = value;
      else if (name != "date")
        out += name + ": " + value + "\n";
    }
    std::string body = answer.body;
    if (const auto at = body.find(id); !id.empty() && at != std::string::npos)
      body.replace(at, id.size(), "ID");
    return out + body;
  }

  static TemporaryFolder* cache_;
  static TestServer* server_;
};

TemporaryFolder* Adversarial::cache_ = nullptr;
TestServer* Adversarial::server_ = nullptr;

TEST_F(Adversarial, Invariant0_EachTenant_SeesOnlyItsOwnRows) {
  const auto acme = nlohmann::json::parse(call(kDaily + "?limit=500").body)["data"];
  const auto globex = nlohmann::json::parse(call(kDaily + "?limit=500", {kGlobex}).body)["data"];
  ASSERT_FALSE(acme.empty());
  ASSERT_FALSE(globex.empty());
  for (const auto& row : acme)
    EXPECT_THAT(row["account_id"].get<std::string>(), ::testing::StartsWith("acme_"));
  for (const auto& row : globex)
    EXPECT_THAT(row["account_id"].get<std::string>(), ::testing::StartsWith("globex_"));
}

TEST_F(Adversarial, Invariant1_SqlInAValue_MatchesNoRows) {
  for (const char* value : {"%27%20OR%201%3D1--", "x%27%3BDROP%20TABLE%20rows%3B--",
                            "%22%20UNION%20SELECT%20*", "%24%7Bjndi%7D", "1%29%20OR%20%281%3D1"}) {
    const Answer answer = call(kDaily + "?account_id=" + value);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(nlohmann::json::parse(answer.body)["data"].size(), 0U) << value;
  }
}

TEST_F(Adversarial, Invariant1_TenantOrUnknownNameInTheQuery_IsRejected) {
  for (const char* query : {"?tenant_id=globex", "?tenant=globex", "?columns=tenant_id", "?columns=day,*",
                            "?columns=day%2Ctenant_id", "?select=tenant_id", "?account_id=a&account_id=b",
                            "?order_by=day", "?limit=1;select", "?x%27=1"}) {
    const Answer answer = call(kDaily + query);
    EXPECT_EQ(answer.status, 422) << query;
    EXPECT_THAT(answer.body, Not(HasSubstr("globex"))) << query;
  }
}

TEST_F(Adversarial, Invariant2_AnyInvalidKey_GetsTheSameAnswer) {
  const std::string wanted = shape(call(kDaily, {}));
  EXPECT_THAT(wanted, HasSubstr("401"));
  EXPECT_THAT(wanted, HasSubstr("www-authenticate: Bearer"));
  for (const char* header :
       {kRevoked, "authorization: Bearer offl_000000000000000000000000000000000000000000000000",
        "authorization: Basic YTpi", "authorization: Bearer", "authorization: Bearer  ",
        "authorization: bearer x y", "authorization: offl_x"}) {
    EXPECT_EQ(shape(call(kDaily, {header})), wanted) << header;
  }
  EXPECT_EQ(shape(call(kDaily, {kAcme, kAcme})), wanted) << "two keys at once";
}

TEST_F(Adversarial, Invariant2_NoKey_RevealsNothing) {
  const std::string wanted = shape(call(kDaily, {}));
  EXPECT_EQ(shape(call("/v1/endpoints/nobody", {})), wanted);
  EXPECT_EQ(shape(call(kDaily + "?bad=1", {})), wanted);
  EXPECT_EQ(shape(call(kDaily, {}, "DELETE")), wanted);
  EXPECT_EQ(shape(call("/v1/endpoints/", {})), wanted);
}

TEST_F(Adversarial, Invariant3_MisspelledEndpoint_AnswersLikeAMissingOne) {
  const Answer missing = call("/v1/endpoints/nobody");
  EXPECT_EQ(missing.status, 404);
  for (const char* name : {"ACCOUNT_DAILY", "account_daily%00", "account_daily//", "..%2faccount_daily",
                           "account_daily%2f", "account%255Fdaily"}) {
    EXPECT_EQ(shape(call(std::string("/v1/endpoints/") + name)), shape(missing)) << name;
  }
}

TEST_F(Adversarial, Invariant4_CachedAnswer_IsServedToItsTenantOnly) {
  const std::string target = kDaily + "?limit=7";
  const Answer first = call(target);
  const Answer again = call(target);
  EXPECT_THAT(again.body, HasSubstr("\"cache\":\"hit\""));
  const Answer other = call(target, {kGlobex});
  EXPECT_THAT(other.body, Not(HasSubstr("acme")));
  EXPECT_NE(first.headers.at("etag"), other.headers.at("etag"));
  EXPECT_EQ(call(target, {kGlobex, "if-none-match: " + first.headers.at("etag")}).status, 200)
      << "another tenant's ETag matches nothing";
  EXPECT_EQ(call(target, {kAcme, "if-none-match: \"x\", " + first.headers.at("etag")}).status, 304);
  EXPECT_EQ(first.headers.at("cache-control"), "private, no-store");
  EXPECT_THAT(first.headers.at("vary"), HasSubstr("Authorization"));
}

TEST_F(Adversarial, Invariant4_EquivalentRequests_ShareOneEntry) {
  const Answer a = call("/v1/endpoints/account_totals?region=europe&from=2025-01-02");
  const Answer b = call("/v1/endpoints/account_totals?from=2025-01-02&region=emea&limit=50&offset=0");
  ASSERT_EQ(a.status, 200) << a.body;
  EXPECT_EQ(a.headers.at("etag"), b.headers.at("etag"));
  EXPECT_THAT(b.body, HasSubstr("\"cache\":\"hit\""));
}

TEST_F(Adversarial, Invariant5_RouteOfTheOtherPort_IsNotFound) {
  for (const char* path : {"/live", "/ready", "/status", "/metrics", "/docs", "/schema", "/openapi.json",
                           "/diagnostics", "/support-bundle", "/usage", "/datasets/account_daily/refresh",
                           "/config/reload", "/", "/v1/endpoints"}) {
    for (const char* method : {"GET", "POST"}) EXPECT_EQ(call(path, {kAcme}, method).status, 404) << path;
  }
  HttpClient admin(server_->admin_port());
  EXPECT_EQ(admin.get(kDaily, {kAcme}).status, 404);
  EXPECT_EQ(admin.get("/healthz").status, 404);
}

TEST_F(Adversarial, Invariant6_ErrorsAndMetrics_ContainNoValue) {
  for (const char* query :
       {"?from=s3cr3t", "?limit=s3cr3t", "?columns=s3cr3t%21", "?s3cr3t%21=1", "?from=2025-02-30s3cr3t"}) {
    const Answer answer = call(kDaily + query);
    EXPECT_EQ(answer.status, 422) << query;
    EXPECT_THAT(answer.body, Not(HasSubstr("s3cr3t"))) << query;
    EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  }
  HttpClient admin(server_->admin_port());
  const std::string metrics = admin.get("/metrics").body;
  for (const char* secret : {"s3cr3t", "acme", "globex", "offl_", "nobody"})
    EXPECT_THAT(metrics, Not(HasSubstr(secret)));
}

TEST_F(Adversarial, Invariant6_UnsafeRequestId_IsReplaced) {
  EXPECT_EQ(call(kDaily, {kAcme, "x-request-id: my-id.1_A"}).headers.at("x-request-id"), "my-id.1_A");
  for (const std::string& id : {std::string("a b"), std::string("a\"b"), std::string("{}"),
                                std::string(201, 'a'), std::string("é")}) {
    const Answer answer = call(kDaily, {kAcme, "x-request-id: " + id});
    EXPECT_NE(answer.headers.at("x-request-id"), id);
    EXPECT_THAT(answer.body, HasSubstr(answer.headers.at("x-request-id")));
  }
}

TEST_F(Adversarial, Invariant8_PathTraversal_IsNotFound) {
  for (const char* path : {"/../etc/passwd", "/v1/endpoints/../../healthz", "/v1/endpoints/..%2f..%2fhealthz",
                           "//healthz", "/%2e%2e/metrics"}) {
    const Answer answer = call(path);
    EXPECT_EQ(answer.status, 404) << path;
  }
}

TEST_F(Adversarial, Invariant9_OversizedRequest_IsRejected) {
  EXPECT_EQ(call(kDaily + "?limit=501").status, 422);
  EXPECT_EQ(call(kDaily + "?limit=9223372036854775808").status, 422);
  EXPECT_EQ(call(kDaily + "?offset=9223372036854775807").status, 200);
  EXPECT_EQ(call(kDaily + "?account_id=" + std::string(9000, 'a')).status, 414);
  EXPECT_EQ(call(kDaily, {kAcme, "x-big: " + std::string(40000, 'a')}).status, 431);
  std::string many = "?a0=1";
  for (int i = 1; i < 300; ++i) many += "&a" + std::to_string(i) + "=1";
  EXPECT_EQ(call(kDaily + many).status, 422);
}

TEST_F(Adversarial, Methods_NotInTheContract_AreNotAllowed) {
  const Answer denied = call(kDaily, {kAcme}, "DELETE");
  EXPECT_EQ(denied.status, 405);
  EXPECT_EQ(denied.headers.at("allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(call("/v1/endpoints/nobody", {kAcme}, "PUT").status, 405);
  EXPECT_EQ(call(kDaily, {}, "OPTIONS").status, 204);
  const Answer head = call(kDaily, {kAcme}, "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.body.empty());
  EXPECT_GT(std::stoi(head.headers.at("content-length")), 100);
}

TEST_F(Adversarial, Headers_AnyAnswer_ForbidSniffing) {
  for (const char* path : {"/healthz", "/nothing", "/v1/endpoints/account_daily"}) {
    EXPECT_EQ(call(path).headers.at("x-content-type-options"), "nosniff");
  }
}

}  // namespace
}  // namespace offloader::app
