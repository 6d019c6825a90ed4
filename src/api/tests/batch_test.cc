// POST /v1/batch: several requests, answered as each would be alone, from one generation.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api_scene.h"

namespace offloader::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const FakeRequest::Headers kId = {{"x-request-id", "r"}};

std::shared_ptr<FakeAnswer> batch(ApiScene& scene, const std::string& requests,
                                  const std::string& token = "token-app") {
  return scene.post("/v1/batch", R"({"requests":[)" + requests + "]}", token, kId);
}

std::string one(const std::string& endpoint, const std::string& params, const std::string& id = "") {
  return (id.empty() ? "{" : R"({"id":")" + id + "\",") + R"("endpoint":")" + endpoint + R"(","params":)" +
         params + "}";
}

std::string many(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += (i == 0 ? "" : ",") + one("cached", R"({"n":)" + std::to_string(i) + "}");
  return out;
}

TEST(Batch, Answers_KeepTheOrderAndTheIds) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = batch(scene, one("cached", R"({"n":1})", "first") + "," + one("fresh", "null") + "," +
                                       one("cached", R"({"n":2})", "a \\\"b\\\""));
  scene.executor.answer(2, std::string("30"));
  scene.executor.answer(0, std::string("10"));
  EXPECT_EQ(answer->status, 0) << "one of its queries still runs";
  scene.executor.answer(1, std::string("20"));
  ASSERT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("cache-control"), "no-store");
  EXPECT_EQ(answer->header("content-type"), "application/json");
  EXPECT_EQ(answer->header("etag"), "");
  EXPECT_THAT(answer->body,
              StartsWith(R"({"results":[{"id":"first","status":200,"body":{"data":[{"n":10}],"meta":)"
                         R"({"request_id":"r","endpoint":"cached",)"));
  EXPECT_THAT(answer->body, HasSubstr(R"(}},{"id":null,"status":200,"body":{"data":[{"n":20}],"meta":)"));
  EXPECT_THAT(answer->body, HasSubstr(R"(}},{"id":"a \"b\"","status":200,"body":{"data":[{"n":30}],)"));
  EXPECT_TRUE(answer->body.ends_with(R"(}}}],"meta":{"request_id":"r"}})")) << answer->body;
}

TEST(Batch, EachRequest_HasTheStatusAndBodyItWouldHaveAlone) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const std::vector<std::pair<std::string, std::string>> requests = {{"none", "{}"},
                                                                     {"scoped", "{}"},
                                                                     {"", "{}"},
                                                                     {"cached", "[]"},
                                                                     {"cached", "7"},
                                                                     {"cached", R"({"n":{"a":[[]]}})"},
                                                                     {"cached", R"({"n":[[1],2]})"},
                                                                     {"cached", R"({"n":1,"n":2})"},
                                                                     {"cached", R"({"n":"x","limit":0})"},
                                                                     {"cached", R"({"n":"\u0000"})"}};
  std::string all;
  std::string wanted = R"({"results":[)";
  for (const auto& [endpoint, params] : requests) {
    const auto alone = scene.post("/v1/endpoints/" + endpoint, params, "token-app", kId);
    EXPECT_GE(alone->status, 400);
    const bool first = all.empty();
    all += (first ? "" : ",") + one(endpoint, params);
    wanted += (first ? "" : ",") + std::string(R"({"id":null,"status":)") + std::to_string(alone->status) +
              R"(,"body":)" + alone->body + "}";
  }
  const auto answer = batch(scene, all);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, wanted + R"(],"meta":{"request_id":"r"}})");
}

TEST(Batch, Empty_IsAnsweredWithoutResults) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  EXPECT_EQ(batch(scene, "")->body, R"({"results":[],"meta":{"request_id":"r"}})");
}

TEST(Batch, Cache_IsThatOfSingleRequests) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto single = scene.get("/v1/endpoints/cached?n=1");
  scene.executor.answer(0, std::string("7"));
  const auto answer = batch(scene, one("cached", R"({"n":1})") + "," + one("cached", R"({"n":2})"));
  scene.executor.answer(1, std::string("8"));
  ASSERT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has(R"("cache":"hit")"));
  EXPECT_TRUE(answer->has(R"("cache":"miss")"));
  EXPECT_TRUE(scene.get("/v1/endpoints/cached?n=2")->has(R"("cache":"hit")"));
}

TEST(Batch, IdenticalRequests_RunOneQuery) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = batch(scene, one("cached", R"({"n":1})") + "," + one("cached", R"({"n":1})"));
  EXPECT_EQ(scene.executor.queries(), 1U);
  scene.executor.answer(0, std::string("7"));
  EXPECT_EQ(answer->status, 200);
}

TEST(Batch, Queries_HoldAtMostFourPlaces) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = batch(scene, many(20));
  for (std::size_t query = 0; query < 20; ++query) {
    EXPECT_EQ(scene.executor.queries(), std::min<std::size_t>(20, query + 4));
    scene.executor.answer(query, std::to_string(query));
  }
  ASSERT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has(R"({"data":[{"n":19}])"));
}

TEST(Batch, SharedQuery_CountsForEachWaiter) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  std::string same;
  for (int i = 0; i < 4; ++i) same += one("cached", R"({"n":1})") + ",";
  const auto answer = batch(scene, same + one("cached", R"({"n":2})"));
  EXPECT_EQ(scene.executor.queries(), 1U);
  scene.executor.answer(0, std::string("1"));
  EXPECT_EQ(scene.executor.queries(), 2U);
  scene.executor.answer(1, std::string("2"));
  EXPECT_EQ(answer->status, 200);
}

TEST(Batch, QueryThatFails_DoesNotStopTheOthers) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = batch(scene, many(6));
  for (std::size_t query = 0; query < 5; ++query)
    scene.executor.answer(query, fail(ErrorCode::busy, "every connection is busy"));
  scene.executor.answer(5, std::string("5"));
  ASSERT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has(R"("status":503,"body":{"error":{"family":"not_ready")"));
  EXPECT_TRUE(answer->has(R"("status":200,"body":{"data":[{"n":5}])"));
}

TEST(Batch, ImmediateQueries_AreAnsweredInsideTheHandler) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  scene.executor.answer_all_at_once([] { return Result<std::string>(std::string("3")); });
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += (i == 0 ? "" : ",") + one("fresh", R"({"n":1})");
  EXPECT_EQ(batch(scene, requests)->status, 200);
}

TEST(Batch, AcceptEncoding_CompressesTheWholeAnswer) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  scene.executor.answer_all_at_once([] { return Result<std::string>("\"" + std::string(2000, 'x') + "\""); });
  const std::string requests = R"({"requests":[)" + one("fresh", "{}") + "," + one("fresh", "{}") + "]}";
  const auto answer =
      scene.post("/v1/batch", requests, "token-app", {{"x-request-id", "r"}, {"accept-encoding", "gzip"}});
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("content-encoding"), "gzip");
  EXPECT_EQ(answer->header("vary"), "Accept-Encoding");
  EXPECT_EQ(answer->header("cache-control"), "no-store");
  EXPECT_LT(answer->body.size(), 1000U);
  EXPECT_EQ(answer->body.substr(0, 2), "\x1f\x8b");
}

TEST(Batch, Publication_WhileItRuns_ChangesNoneOfItsAnswers) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = batch(scene, many(6));
  scene.executor.answer(0, std::string("0"));
  auto changed = ApiScene::files();
  changed["endpoints/cached.yml"].replace(changed["endpoints/cached.yml"].find("version: 1"), 10,
                                          "version: 2");
  scene.serve(changed);
  for (std::size_t query = 1; query < 6; ++query) scene.executor.answer(query, std::string("1"));
  ASSERT_EQ(answer->status, 200);
  EXPECT_FALSE(answer->has(R"("version":2)"));
}

TEST(Batch, Publication_BetweenTwoOfItsRequests_ChangesNeither) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  auto changed = ApiScene::files();
  std::string& fresh = changed["endpoints/fresh.yml"];
  fresh.replace(fresh.find("version: 1"), 10, "version: 2");
  scene.executor.answer_all_at_once([&] {
    scene.serve(changed);
    return Result<std::string>(std::string("3"));
  });
  const std::string two = one("fresh", "{}") + "," + one("fresh", R"({"n":1})");
  const auto answer = batch(scene, two);
  ASSERT_EQ(answer->status, 200);
  EXPECT_FALSE(answer->has(R"("version":2)")) << answer->body;
  EXPECT_FALSE(batch(scene, two)->has(R"("version":1)"));
}

TEST(Batch, ClientGoesAway_CancelsTheRunningAndTheWaiting) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  batch(scene, many(10));
  ASSERT_EQ(scene.executor.queries(), 4U);
  scene.gone->cancel();
  for (std::size_t query = 0; query < 4; ++query) EXPECT_TRUE(scene.executor.cancelled(query));
  EXPECT_EQ(scene.executor.queries(), 4U);
  EXPECT_EQ(scene.counted("offloader_requests_total", {{"endpoint", "cached"}, {"status", "client_error"}}),
            10U);
}

TEST(Batch, ExecutorThrows_AnswersThatRequestAndGoesOn) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  scene.executor.throw_on_run();
  const auto answer = batch(scene, many(2));
  scene.executor.answer(0, std::string("1"));
  ASSERT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has(R"("status":503)"));
  EXPECT_TRUE(answer->has(R"({"data":[{"n":1}])"));
}

TEST(Batch, Requests_CountInTheMetricsOfTheirEndpoints) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  scene.executor.answer_all_at_once([] { return Result<std::string>(std::string("3")); });
  batch(scene, one("fresh", "{}") + "," + one("fresh", R"({"n":"x"})") + "," + one("none", "{}"));
  const auto counted = [&](const char* endpoint, const char* status) {
    return scene.counted("offloader_requests_total", {{"endpoint", endpoint}, {"status", status}});
  };
  EXPECT_EQ(counted("fresh", "ok"), 1U);
  EXPECT_EQ(counted("fresh", "client_error"), 1U);
  EXPECT_EQ(counted("_unknown", "client_error"), 1U);
}

TEST(Batch, OrderOfErrors_IsTheContracts) {
  ApiScene scene;
  const auto status = [&](FakeRequest::Headers headers, const std::string& body,
                          const std::string& method = "POST") {
    FakeRequest request("/v1/batch", std::move(headers), method);
    request.carry(body);
    return scene.ask(request)->status;
  };
  const FakeRequest::Headers key = {{"authorization", "Bearer token-app"}};
  FakeRequest::Headers json = key;
  json.emplace_back("content-type", "application/json");
  EXPECT_EQ(status({}, "["), 503);
  scene.serve(ApiScene::files());
  EXPECT_EQ(status({}, "["), 401);
  EXPECT_EQ(status({}, "[", "GET"), 401);
  EXPECT_EQ(status(key, "[", "GET"), 405);
  EXPECT_EQ(status(key, "["), 415);
  EXPECT_EQ(status(json, "["), 422);
  EXPECT_EQ(status(json, "{"), 422);
  EXPECT_EQ(status(json, ""), 422);
  EXPECT_EQ(status(json, R"({"requests":[]})"), 200);
}

TEST(Batch, MoreThanTheMaximum_Is422) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = batch(scene, many(21));
  EXPECT_EQ(answer->status, 422);
  EXPECT_THAT(answer->body,
              HasSubstr(R"("message":"a batch may have at most 20 requests","param":"requests",)"
                        R"("allowed":["<= 20"]})"));
  EXPECT_EQ(scene.executor.queries(), 0U);
}

TEST(Batch, Maximum_IsTheSettings) {
  ApiOptions options;
  options.access_log = AccessLog::off;
  options.batch_max = 2;
  ApiScene scene(options);
  scene.serve(ApiScene::files());
  EXPECT_EQ(batch(scene, one("none", "{}") + "," + one("none", "{}"))->status, 200);
  EXPECT_THAT(batch(scene, many(3))->body, HasSubstr(R"("allowed":["<= 2"])"));
}

TEST(Batch, QueryString_Is422) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  EXPECT_EQ(scene.post("/v1/batch?n=1", R"({"requests":[]})")->status, 422);
  const auto answer = scene.post("/v1/batch?n=1", R"({"requests":[7]})");
  EXPECT_THAT(answer->body, HasSubstr(R"("problems":[{"message":"a batch takes no query string"},)"
                                      R"({"param":"requests[0]",)"));
}

}  // namespace
}  // namespace offloader::api
