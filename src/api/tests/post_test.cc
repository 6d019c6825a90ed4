// POST with a JSON body: the same answer as a GET with the same params.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "body_stage.h"
#include "tests/api_scene.h"

namespace offloader::api {
namespace {

using ::testing::HasSubstr;

const std::string kCached = "/v1/endpoints/cached";
const FakeRequest::Headers kJson = {{"authorization", "Bearer token-app"},
                                    {"content-type", "application/json"}};

TEST(Post, SameParams_IsAnsweredFromTheCacheOfTheGet) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto get = scene.get(kCached + "?n=1");
  scene.executor.answer(0, std::string("7"));
  const auto post = scene.post(kCached, R"({"n":1.0,"limit":null})");
  ASSERT_EQ(post->status, 200);
  EXPECT_TRUE(post->has(R"({"data":[{"n":7}],"meta":)")) << post->body;
  EXPECT_TRUE(post->has(R"("cache":"hit")"));
  EXPECT_EQ(post->header("etag"), get->header("etag"));
  EXPECT_EQ(post->header("cache-control"), "no-store");
  EXPECT_EQ(scene.executor.queries(), 1U);
}

TEST(Post, Miss_FillsTheCacheForAGet) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto post = scene.post(kCached, R"({"n":2})");
  EXPECT_EQ(post->status, 0);
  scene.executor.answer(0, std::string("7"));
  EXPECT_EQ(post->status, 200);
  EXPECT_TRUE(scene.get(kCached + "?n=2")->has(R"("cache":"hit")"));
}

TEST(Post, IfNoneMatch_IsNever304) {
  ApiScene scene;
  scene.serve(ApiScene::open_files());
  scene.executor.answer_all_at_once([] { return Result<std::string>(std::string("3")); });
  const auto answer = scene.post("/v1/endpoints/fresh", "{}", "", {{"if-none-match", "*"}});
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("cache-control"), "no-store");
}

TEST(Post, AcceptEncoding_CompressesALargeAnswer) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = scene.post(kCached, "{}", "token-app", {{"accept-encoding", "zstd"}});
  scene.executor.answer(0, "\"" + std::string(5000, 'x') + "\"");
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("content-encoding"), "zstd");
}

TEST(Post, BodyThatArrivesLater_IsAwaited) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  FakeRequest request(kCached, kJson, "POST");
  FakeBody& body = request.carry(R"({"n":"x"})");
  body.held = true;
  const auto answer = scene.ask(request);
  EXPECT_EQ(answer->status, 0);
  body.arrive();
  EXPECT_EQ(answer->status, 422);
}

TEST(Post, OrderOfErrors_IsTheContracts) {
  ApiScene scene;
  scene.serve(ApiScene::files(), {"plain"});
  const auto status = [&](const std::string& target, FakeRequest::Headers headers, const std::string& body) {
    FakeRequest request(target, std::move(headers), "POST");
    FakeBody& carried = request.carry(body);
    carried.held = body.empty();
    const auto answer = scene.ask(request);
    if (carried.held && answer->status == 0) carried.fail_with(ErrorCode::too_large);
    return answer->status;
  };
  const FakeRequest::Headers text = {{"authorization", "Bearer token-app"}, {"content-type", "text/plain"}};
  EXPECT_EQ(status("/v1/endpoints/none?x=1", {}, ""), 401);
  EXPECT_EQ(status("/v1/endpoints/none?x=1", text, ""), 404);
  EXPECT_EQ(status(kCached + "?x=1", text, ""), 415);
  EXPECT_EQ(status(kCached + "?x=1", kJson, ""), 413);
  EXPECT_EQ(status(kCached + "?x=1", kJson, "["), 400);
  EXPECT_EQ(status(kCached + "?x=1", kJson, "{}"), 422);
  EXPECT_EQ(status(kCached, kJson, R"({"n":"x"})"), 422);
  EXPECT_EQ(status(kCached, kJson, "{}"), 503);
}

TEST(Post, QueryString_Is422) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = scene.post(kCached + "?n=1", R"({"n":1})");
  EXPECT_EQ(answer->status, 422);
  EXPECT_THAT(answer->body, HasSubstr("remove the query string"));
}

TEST(Post, QueryStringBesideABadBody_TellsBoth) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const std::string beside = "a POST takes its params from the body: remove the query string";
  const auto told = [&](const std::string& body) {
    return scene.post(kCached + "?n=1", body, "token-app", {{"x-request-id", "r"}})->body;
  };
  EXPECT_EQ(told(R"({"n":"x"})"),
            R"({"error":{"family":"invalid_param","message":")" + beside + R"(","problems":[{"message":")" +
                beside +
                R"("},{"param":"n","message":"param `n` must be an integer"}]},"meta":{"request_id":"r"}})");
  EXPECT_THAT(told(R"({"n":"\u0000"})"), HasSubstr(R"(},{"message":"a param may not contain NUL"}]})"));
  std::string many = "{";
  for (int i = 0; i < 60; ++i) many += (i == 0 ? "\"x" : ",\"x") + std::to_string(i) + "\":1";
  const std::string all = told(many + "}");
  EXPECT_THAT(all, HasSubstr(R"("param":"x48")"));
  EXPECT_THAT(all, ::testing::Not(HasSubstr(R"("param":"x49")")));
}

TEST(Post, ContentType_IsJsonWithAnyParameters) {
  for (const char* json :
       {"application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;x"}) {
    EXPECT_TRUE(is_json_type(json)) << json;
  }
  for (const char* other : {"", "text/plain", "application/jsonx", "application/json, application/json",
                            "application/x-www-form-urlencoded", "application/ld+json", "json"}) {
    EXPECT_FALSE(is_json_type(other)) << other;
  }
}

TEST(Post, ContentEncoding_Is415) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  EXPECT_EQ(scene.post(kCached, "{}", "token-app", {{"content-encoding", "gzip"}})->status, 415);
  const auto answer = scene.ask(FakeRequest(kCached, {{"authorization", "Bearer token-app"}}, "POST"));
  EXPECT_EQ(answer->status, 415);
  EXPECT_THAT(answer->body, HasSubstr(R"("family":"unsupported_media_type")"));
}

TEST(Post, NoBody_Is400) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  EXPECT_EQ(scene.ask(FakeRequest(kCached, kJson, "POST"))->status, 400);
  EXPECT_EQ(scene.post(kCached, "")->status, 400);
  EXPECT_EQ(scene.post(kCached, std::string(64U << 10, '['))->status, 400);
}

TEST(Post, ClientGoesAwayWhileItsBodyArrives_EndsTheRequest) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  FakeRequest request(kCached, kJson, "POST");
  FakeBody& body = request.carry("{}");
  body.held = true;
  scene.ask(request);
  scene.gone->cancel();
  body.fail_with(ErrorCode::cancelled);
  EXPECT_EQ(scene.counted("offloader_requests_total", {{"endpoint", "cached"}, {"status", "client_error"}}),
            1U);
  EXPECT_EQ(scene.executor.queries(), 0U);
}

TEST(Post, NoMemoryForTheBody_Is503) {
  ApiOptions options;
  options.access_log = AccessLog::off;
  options.response_memory = std::make_shared<ByteBudget>(100);
  const ByteHold all = [&] {
    ByteHold hold(options.response_memory);
    hold.resize(90);
    return hold;
  }();
  ApiScene scene(options);
  scene.serve(ApiScene::files());
  EXPECT_EQ(scene.post(kCached, "{}", "token-app", {{"content-length", "2"}})->status, 0);
  EXPECT_EQ(scene.post(kCached, "{}", "token-app", {{"content-length", "20"}})->status, 503);
  EXPECT_EQ(scene.counted("offloader_shed_total", {{"reason", "memory"}}), 1U);
  EXPECT_EQ(options.response_memory->used(), 90U) << "bodies that have been decoded do not count";
}

TEST(Problems, Response_WithOne_HasItsParamAndWhatIsAllowed) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = scene.get(kCached + "?limit=0", "token-app", {{"x-request-id", "r"}});
  EXPECT_EQ(answer->body,
            R"({"error":{"family":"invalid_param","message":"param `limit` must be a positive integer",)"
            R"("param":"limit","allowed":[">= 1","<= 100"]},"meta":{"request_id":"r"}})");
}

TEST(Problems, Response_WithSeveral_ListsThemAll) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto answer = scene.post(kCached, R"({"%":1,"n":"x"})", "token-app", {{"x-request-id", "r"}});
  EXPECT_EQ(answer->status, 422);
  EXPECT_EQ(answer->body,
            R"({"error":{"family":"invalid_param","message":"a param is not one that the endpoint declares",)"
            R"("allowed":["n","limit","offset","columns"],"problems":[)"
            R"({"message":"a param is not one that the endpoint declares",)"
            R"("allowed":["n","limit","offset","columns"]},)"
            R"({"param":"n","message":"param `n` must be an integer"}]},"meta":{"request_id":"r"}})");
}

}  // namespace
}  // namespace offloader::api
