// Limits and the usage ledger as callers and operators see them, through the whole route.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/base/testing/manual_clock.h"
#include "offloader/base/testing/temporary_folder.h"
#include "tests/api_scene.h"

namespace offloader::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kCached = "/v1/endpoints/cached?n=1";
const std::string kFresh = "/v1/endpoints/fresh?n=1";

class LimitsTest : public ::testing::Test {
 protected:
  // Serves the projects of ApiScene, in which the key `app` has these limits.
  void serve(const std::string& limits, limits::Limiter::Options options = {}) {
    ApiScene::Files files = ApiScene::files();
    std::string& keys = files["keys.yml"];
    const std::string mark = "endpoints: [cached, fresh], status: active";
    keys.replace(keys.find(mark), mark.size(), mark + ", limits: " + limits);
    start(std::move(files), options);
  }
  void start(ApiScene::Files files, limits::Limiter::Options options = {}) {
    limiter_ = std::make_unique<limits::Limiter>(options, clock_);
    auto opened = usage::Ledger::open({.folder = folder_.path() / "usage"}, clock_, telemetry_->log());
    ASSERT_TRUE(opened);
    ledger_ = std::move(*opened);
    ApiOptions api;
    api.access_log = AccessLog::off;
    api.cors_origins = {"*"};
    api.trusted_proxies = {*Cidr::parse("10.0.0.0/8")};
    api.limiter = limiter_.get();
    api.ledger = ledger_.get();
    scene_ = std::make_unique<ApiScene>(std::move(api));
    scene_->serve(std::move(files));
  }
  // Returns each line of the ledger as `key tenant endpoint 2xx/3xx/4xx/5xx rows`.
  std::vector<std::string> usage() {
    const auto hour = std::chrono::floor<std::chrono::hours>(clock_.now());
    const auto report = ledger_->report({.from = hour,
                                         .to = hour + std::chrono::hours(1),
                                         .by_key = true,
                                         .by_tenant = true,
                                         .by_endpoint = true});
    std::vector<std::string> out;
    for (const usage::Line& line : report->lines) {
      const usage::Counts& counts = line.counts;
      out.push_back(line.key + " " + (line.tenant.empty() ? "-" : line.tenant) + " " + line.endpoint + " " +
                    std::to_string(counts.requests_2xx) + "/" + std::to_string(counts.requests_3xx) + "/" +
                    std::to_string(counts.requests_4xx) + "/" + std::to_string(counts.requests_5xx) + " " +
                    std::to_string(counts.rows));
    }
    return out;
  }

  TemporaryFolder folder_;
  ManualClock clock_;
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::unique_ptr<limits::Limiter> limiter_;
  std::unique_ptr<usage::Ledger> ledger_;
  std::unique_ptr<ApiScene> scene_;
};

TEST_F(LimitsTest, PastTheRate_Is429WithAllItsHeaders) {
  serve("{rate: 1/h, burst: 2}");
  const auto first = scene_->get("/v1");
  EXPECT_EQ(first->status, 200);
  EXPECT_EQ(first->header("ratelimit-policy"), "\"rate\";q=1;w=3600");
  EXPECT_THAT(first->header("ratelimit"), HasSubstr("\"rate\";r=1;t="));
  scene_->get("/v1");
  const auto refused =
      scene_->get(kCached, "token-app", {{"x-request-id", "r"}, {"origin", "https://a.example"}});
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->body,
            R"({"error":{"family":"rate_limited","message":"too many requests: the rate limit is reached"},)"
            R"("meta":{"request_id":"r"}})");
  EXPECT_NEAR(std::stoi(refused->header("retry-after")), 3600, 60);
  EXPECT_EQ(refused->header("ratelimit-policy"), "\"rate\";q=1;w=3600");
  EXPECT_THAT(refused->header("ratelimit"), HasSubstr("\"rate\";r=0;t="));
  EXPECT_EQ(refused->header("cache-control"), "no-store");
  EXPECT_THAT(refused->header("access-control-expose-headers"), HasSubstr("retry-after, link"));
  EXPECT_THAT(refused->header("access-control-expose-headers"), HasSubstr("ratelimit, ratelimit-policy"));
  EXPECT_EQ(scene_->counted("offloader_rate_limited_total", {{"key", "app"}}), 1U);
}

TEST_F(LimitsTest, TheOrderOfErrors_KeyFirst_ThenTheLimit_ThenTheRest) {
  serve("{rate: 1/h}");
  scene_->get("/v1");
  EXPECT_EQ(scene_->get(kCached, "token-nobody")->status, 401);
  for (const char* target : {"/v1/endpoints/none", "/v1/endpoints/cached?n=x", "/v1/endpoints/scoped", "/v1"})
    EXPECT_EQ(scene_->get(target)->status, 429) << target;
  EXPECT_EQ(scene_->ask(FakeRequest(kCached, {{"authorization", "Bearer token-app"}}, "DELETE"))->status,
            429);
  EXPECT_EQ(scene_->post("/v1/endpoints/cached", "not JSON")->status, 429);
  EXPECT_EQ(scene_->get("/healthz", "")->status, 200);
  EXPECT_EQ(scene_->ask(FakeRequest(kCached, {}, "OPTIONS"))->status, 204);
}

TEST_F(LimitsTest, EveryAnswerUnderALimit_TellsIt_OthersDoNot) {
  serve("{rate: 1000/s}");
  for (const char* target : {"/v1", "/v1/endpoints/none", "/v1/endpoints/cached?n=x", "/v1/endpoints/scoped"})
    EXPECT_EQ(scene_->get(target)->header("ratelimit-policy"), "\"rate\";q=1000;w=1") << target;
  const auto list = scene_->get("/v1");
  const auto not_modified = scene_->get("/v1", "token-app", {{"if-none-match", list->header("etag")}});
  EXPECT_EQ(not_modified->status, 304);
  EXPECT_EQ(not_modified->header("ratelimit-policy"), "\"rate\";q=1000;w=1");
  EXPECT_EQ(scene_->get("/v1", "token-tenant")->header("ratelimit-policy"), "");
  EXPECT_EQ(scene_->get(kCached, "")->header("ratelimit-policy"), "");
}

TEST_F(LimitsTest, Batch_EachRequestCountsByItself) {
  serve("{rate: 1/h, burst: 2}");
  const std::string one = R"({"endpoint": "none"})";
  const auto batch = scene_->post("/v1/batch", R"({"requests": [)" + one + "," + one + "," + one + "]}");
  EXPECT_EQ(batch->status, 200);
  EXPECT_THAT(batch->body,
              ::testing::MatchesRegex(R"(.*"status":404,.*"status":404,.*"status":429,.*rate_limited.*)"));
  EXPECT_THAT(batch->header("ratelimit"), HasSubstr("\"rate\";r=0;t="));
  EXPECT_EQ(scene_->get("/v1")->status, 429);
  EXPECT_THAT(usage(), ElementsAre("app - _unknown 0/0/2/0 0"));
}

TEST_F(LimitsTest, Batch_OfACallerWithoutTokens_IsRefusedBeforeItIsRead) {
  serve("{rate: 1/h}");
  EXPECT_EQ(scene_->get("/v1")->status, 200);
  const auto batch = scene_->post("/v1/batch", "not even JSON");
  EXPECT_EQ(batch->status, 429);
  EXPECT_EQ(batch->header("retry-after"), "3600");
  EXPECT_EQ(scene_->counted("offloader_rate_limited_total", {{"key", "app"}}), 1U);
  EXPECT_THAT(usage(), ElementsAre("app - _list 1/0/0/0 0"));
}

TEST_F(LimitsTest, Concurrent_IsHeldUntilTheAnswer_AndReleasedWhenTheClientGoes) {
  serve("{concurrent: 1}");
  const auto waiting = scene_->get(kFresh);
  EXPECT_EQ(waiting->status, 0);
  const auto refused = scene_->get(kFresh);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->header("retry-after"), "1");
  EXPECT_EQ(refused->header("ratelimit-policy"), "\"concurrent\";q=1");
  EXPECT_EQ(refused->header("ratelimit"), "\"concurrent\";r=0");
  scene_->gone->cancel();
  scene_->executor.answer(0, fail(ErrorCode::cancelled, "the client is gone"));
  EXPECT_NE(waiting->status, 0);
  EXPECT_EQ(scene_->get("/v1")->status, 200) << "the place is free";
  EXPECT_EQ(scene_->get("/v1/endpoints/none")->status, 404) << "errors release it, too";
  EXPECT_EQ(scene_->get("/v1")->status, 200);
}

TEST_F(LimitsTest, DailyRows_CountTheRowsOfAnswers_AndNoneOfA304) {
  serve("{daily_rows: 1}");
  scene_->executor.answer_all_at_once([] { return Result<std::string>("{}"); });
  const auto first = scene_->get(kFresh);
  EXPECT_EQ(first->status, 200);
  EXPECT_THAT(first->header("ratelimit"), HasSubstr("\"daily_rows\";r=1;t="));
  const auto not_modified = scene_->get(kFresh, "token-app", {{"if-none-match", first->header("etag")}});
  EXPECT_EQ(not_modified->status, 304);
  EXPECT_THAT(not_modified->header("ratelimit"), HasSubstr("\"daily_rows\";r=0;t="));
  EXPECT_EQ(scene_->get(kFresh)->status, 200) << "one row did not pass the limit";
  EXPECT_EQ(scene_->get(kFresh)->status, 429) << "two have";
  EXPECT_THAT(usage(), ElementsAre("app - fresh 2/1/0/0 2"));
  clock_.advance(std::chrono::hours(12));
  EXPECT_EQ(scene_->get(kFresh)->status, 200) << "another day";
}

TEST_F(LimitsTest, DefaultRate_WithoutKeys_CountsByNetwork) {
  start(ApiScene::open_files(), {.default_rate = Rate{1, 3600}});
  const auto from = [&](const std::string& peer, FakeRequest::Headers headers = {}) {
    return scene_->ask(FakeRequest("/v1", std::move(headers), "GET", peer))->status;
  };
  EXPECT_EQ(from("192.0.2.1"), 200);
  EXPECT_EQ(from("192.0.2.1"), 429);
  EXPECT_EQ(from("192.0.2.2"), 200);
  EXPECT_EQ(from("2001:db8::1"), 200);
  EXPECT_EQ(from("2001:db8::2"), 429) << "the same /64";
  EXPECT_EQ(from("10.0.0.1", {{"x-forwarded-for", "198.51.100.1"}}), 200) << "a trusted proxy";
  EXPECT_EQ(from("10.0.0.1", {{"x-forwarded-for", "198.51.100.2"}}), 200);
  EXPECT_EQ(from("192.0.2.1", {{"x-forwarded-for", "198.51.100.3"}}), 429) << "not a trusted proxy";
  EXPECT_EQ(scene_->counted("offloader_rate_limited_total", {{"key", "_anonymous"}}), 3U);
  const std::string one = R"({"endpoint": "none"})";
  const FakeRequest::Headers json = {{"content-type", "application/json"}};
  FakeRequest batch("/v1/batch", json, "POST", "192.0.2.9");
  batch.carry(R"({"requests": [)" + one + "," + one + "]}");
  EXPECT_THAT(scene_->ask(batch)->body, ::testing::MatchesRegex(R"(.*"status":404,.*"status":429,.*)"));
  EXPECT_THAT(usage(), ElementsAre("_anonymous - _list 5/0/0/0 0", "_anonymous - _unknown 0/0/1/0 0"));
}

TEST_F(LimitsTest, Reload_ThatChangesNoLimit_KeepsTheBuckets) {
  serve("{rate: 1/h}");
  EXPECT_EQ(scene_->get("/v1")->status, 200);
  ApiScene::Files files = ApiScene::files();
  files["keys.yml"] +=
      ApiScene::key("app2", "tenant: null, endpoints: [cached], status: active, limits: {rate: 1/h}");
  std::string& keys = files["keys.yml"];
  const std::string mark = "endpoints: [cached, fresh], status: active";
  keys.replace(keys.find(mark), mark.size(), mark + ", limits: {rate: 1/h}");
  scene_->serve(files);
  EXPECT_EQ(scene_->get("/v1")->status, 429);
  EXPECT_EQ(scene_->get("/v1", "token-app2")->status, 200);
}

TEST_F(LimitsTest, Usage_CountsWhatWasServed_ByKeyTenantEndpointAndFamily) {
  serve("{daily_requests: 5}");
  scene_->get("/v1");
  const auto list = scene_->get("/v1");
  scene_->get("/v1", "token-app", {{"if-none-match", list->header("etag")}});
  scene_->get("/v1/endpoints/none");
  scene_->get("/v1/endpoints/cached?n=x");
  scene_->get("/v1");  // refused
  scene_->get(kCached, "token-nobody");
  scene_->get("/healthz", "");
  scene_->get("/v1/endpoints/scoped?n=x", "token-tenant");
  EXPECT_THAT(usage(), ElementsAre("app - _list 2/1/0/0 0", "app - _unknown 0/0/1/0 0",
                                   "app - cached 0/0/1/0 0", "tenant acme scoped 0/0/1/0 0"));
}

}  // namespace
}  // namespace offloader::api
