// The order of the stages as callers see it: which error wins, and which work it prevents.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "tests/api_scene.h"

namespace offloader::api {
namespace {

using ::testing::HasSubstr;

const std::string kCached = "/v1/endpoints/cached?n=1";
const std::string kFresh = "/v1/endpoints/fresh?n=1";

TEST(Stages, Starting_Answers503BeforeCheckingKeyMethodOrName) {
  ApiScene scene;
  const auto answer = scene.ask(FakeRequest("/v1/endpoints/none?x", {}, "DELETE"));
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->header("retry-after"), "5");
  EXPECT_THAT(answer->body, HasSubstr("the server is starting"));
  EXPECT_EQ(scene.counted("offloader_shed_total", {{"reason", "starting"}}), 1U);
}

TEST(Stages, NoKey_AnyEndpointMethodOrParam_IsTheSame401) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  for (const char* target : {"/v1/endpoints/cached?n=1", "/v1/endpoints/none", "/v1/endpoints/cached?n=x",
                             "/v1/endpoints/", "/v1/endpoints/a/b"}) {
    for (const char* method : {"GET", "POST"}) {
      const auto answer = scene.ask(FakeRequest(target, {{"x-request-id", "r"}}, method));
      EXPECT_EQ(answer->status, 401) << method << " " << target;
      EXPECT_EQ(answer->header("www-authenticate"), "Bearer");
      EXPECT_EQ(answer->body, R"({"error":{"family":"unauthorized","message":"a valid API key is required"},)"
                              R"("meta":{"request_id":"r"}})");
    }
  }
}

TEST(Stages, RejectedCredentials_AreCountedByReason) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  scene.get(kCached, "");
  scene.get(kCached, "token-nobody");
  scene.get(kCached, "token-old");
  scene.get(kCached, "two words");
  scene.get(kCached, "token-app", {{"authorization", "Bearer token-app"}});
  const auto count = [&](const char* reason) {
    return scene.counted("offloader_auth_failures_total", {{"reason", reason}});
  };
  EXPECT_EQ(count("missing"), 1U);
  EXPECT_EQ(count("unknown"), 1U);
  EXPECT_EQ(count("revoked"), 1U);
  EXPECT_EQ(count("malformed"), 2U);
}

TEST(Stages, UnsupportedMethod_UnknownEndpoint_Is405) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  for (const char* name : {"cached", "none", "scoped"}) {
    const auto answer = scene.ask(FakeRequest("/v1/endpoints/" + std::string(name) + "?n=x",
                                              {{"authorization", "Bearer token-app"}}, "DELETE"));
    EXPECT_EQ(answer->status, 405) << name;
    EXPECT_EQ(answer->header("allow"), "GET, HEAD, POST, OPTIONS");
  }
}

TEST(Stages, EndpointNotGranted_AnswersLikeAnUnknownOne) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const FakeRequest::Headers id = {{"x-request-id", "r"}};
  const auto not_granted = scene.get("/v1/endpoints/scoped?n=x", "token-app", id);
  const auto not_there = scene.get("/v1/endpoints/none?n=x", "token-app", id);
  EXPECT_EQ(not_granted->status, 404);
  EXPECT_EQ(not_granted->headers, not_there->headers);
  EXPECT_EQ(not_granted->body, not_there->body);
}

TEST(Stages, InvalidParam_DatasetWithoutASnapshot_Is422) {
  ApiScene scene;
  scene.serve(ApiScene::files(), {"plain"});
  EXPECT_EQ(scene.get("/v1/endpoints/cached?n=x")->status, 422);
  EXPECT_EQ(scene.get(kCached, "token-app", {{"if-none-match", "*"}})->status, 503);
}

TEST(Stages, IfNoneMatch_Matching_Is304WithoutAQuery) {
  for (const std::string& target : {kCached, kFresh}) {
    ApiScene scene;
    scene.serve(ApiScene::files());
    EXPECT_EQ(scene.get(target, "token-app", {{"if-none-match", "*"}})->status, 304);
    EXPECT_EQ(scene.executor.queries(), 0U);
    const auto miss = scene.get(target);
    scene.executor.answer(0, std::string("1"));
    ASSERT_EQ(miss->status, 200);
    const auto again = scene.get(target, "token-app", {{"if-none-match", miss->header("etag")}});
    EXPECT_EQ(again->status, 304);
    EXPECT_EQ(again->header("etag"), miss->header("etag"));
    EXPECT_EQ(again->body, "");
    EXPECT_EQ(scene.executor.queries(), 1U);
    scene.get(target, "token-app", {{"if-none-match", "W/\"another\""}});
  }
}

TEST(Stages, CacheMiss_RunsAQuery_AndTheNextRequestHits) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto miss = scene.get(kCached);
  EXPECT_EQ(miss->status, 0) << "it waits for its query";
  scene.executor.answer(0, std::string("7"));
  ASSERT_EQ(miss->status, 200);
  EXPECT_TRUE(miss->has(R"({"data":[{"n":7}],"meta":)")) << miss->body;
  EXPECT_TRUE(miss->has(R"("cache":"miss")"));
  const auto hit = scene.get("/v1/endpoints/cached/?n=1");
  EXPECT_EQ(hit->status, 200);
  EXPECT_TRUE(hit->has(R"("cache":"hit")"));
  EXPECT_EQ(hit->header("etag"), miss->header("etag"));
  EXPECT_EQ(scene.executor.queries(), 1U);
}

TEST(Stages, ImmediateQuery_IsAnsweredInsideTheHandler) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  scene.executor.answer_all_at_once([] { return Result<std::string>(std::string("3")); });
  const auto answer = scene.get(kFresh);
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has(R"("cache":"off")")) << answer->body;
}

TEST(Stages, SharedQuery_Fails_EveryWaiterGetsTheError) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto one = scene.get(kCached);
  const auto two = scene.get(kCached);
  scene.executor.answer(0, fail(ErrorCode::busy, "every connection is busy"));
  for (const auto& answer : {one, two}) {
    EXPECT_EQ(answer->status, 503);
    EXPECT_EQ(answer->header("retry-after"), "1");
  }
  EXPECT_EQ(scene.counted("offloader_shed_total", {{"reason", "pool"}}), 2U);
}

TEST(Stages, ClientGoesAway_CancelsItsQuery) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  scene.get(kCached);
  EXPECT_FALSE(scene.executor.cancelled(0));
  scene.gone->cancel();
  EXPECT_TRUE(scene.executor.cancelled(0));
  const auto counted = [&](const char* status) {
    return scene.counted("offloader_requests_total", {{"endpoint", "cached"}, {"status", status}});
  };
  EXPECT_EQ(counted("client_error"), 1U);
  EXPECT_EQ(counted("server_error"), 0U) << "an alert watches these";
}

TEST(Stages, LargeAnswer_IsCompressedForAMissAndForAHit) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const FakeRequest::Headers zstd = {{"accept-encoding", "zstd"}};
  const auto miss = scene.get(kCached, "token-app", zstd);
  scene.executor.answer(0, "\"" + std::string(5000, 'x') + "\"");
  ASSERT_EQ(miss->status, 200);
  EXPECT_EQ(miss->header("content-encoding"), "zstd");
  EXPECT_LT(miss->body.size(), 1000U);
  EXPECT_EQ(scene.get(kCached, "token-app", zstd)->header("content-encoding"), "zstd");
  EXPECT_EQ(scene.get(kCached)->header("content-encoding"), "");
}

// This exchange moves to the heap twice: for its query, and for the compressor.
TEST(Stages, VeryLargeAnswer_IsCompressedOnTheCompressorsThread) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  struct Telling final : http::Responder::Sink {
    Telling(std::shared_ptr<FakeAnswer> to, std::shared_ptr<std::promise<void>> when)
        : sink(std::move(to)), done(std::move(when)) {}
    void send(http::Response response) override {
      sink.send(std::move(response));
      done->set_value();
    }
    http::BodyStream stream(http::Response head) override { return sink.stream(std::move(head)); }
    void abandon() override { done->set_value(); }
    FakeSink sink;
    std::shared_ptr<std::promise<void>> done;
  };
  // An answer that waits for a second goes out as it is. If that much time has passed, ask something else.
  bool in_time = false;
  for (std::size_t query = 0; !in_time; ++query) {
    ASSERT_LT(query, 100U);
    const auto answered = std::make_shared<std::promise<void>>();
    const auto answer = std::make_shared<FakeAnswer>();
    const FakeRequest request("/v1/endpoints/cached?n=" + std::to_string(query),
                              {{"authorization", "Bearer token-app"}, {"accept-encoding", "gzip"}});
    scene.handle(request, http::Responder(std::make_shared<Telling>(answer, answered)));
    const auto begun = std::chrono::steady_clock::now();
    scene.executor.answer(query, "\"" + std::string(100'000, 'x') + "\"");
    answered->get_future().get();
    in_time = std::chrono::steady_clock::now() - begun < std::chrono::seconds(1);
    EXPECT_EQ(answer->status, 200);
    if (in_time) {
      EXPECT_EQ(answer->header("content-encoding"), "gzip");
    }
  }
}

TEST(Stages, AuthNone_NeedsNoKey_AndIgnoresTheCallersRequestId) {
  ApiScene scene;
  scene.serve(ApiScene::open_files());
  scene.executor.answer_all_at_once([] { return Result<std::string>(std::string("3")); });
  const auto answer = scene.get(kFresh, "", {{"x-request-id", "mine"}});
  EXPECT_EQ(answer->status, 200);
  EXPECT_NE(answer->header("x-request-id"), "mine");
  EXPECT_THAT(answer->header("cache-control"), HasSubstr("public"));
  EXPECT_EQ(scene.get("/v1/endpoints/scoped", "")->status, 404);
}

TEST(Routes, OtherPaths_WithoutAKey_AreAnswered) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  EXPECT_EQ(scene.get("/healthz", "")->body, R"({"status":"ok"})");
  EXPECT_EQ(scene.get("/healthz/", "")->status, 200);
  EXPECT_EQ(scene.ask(FakeRequest("/healthz", {}, "POST"))->status, 405);
  EXPECT_EQ(scene.ask(FakeRequest("/healthz", {}, "POST"))->header("allow"), "GET, HEAD, OPTIONS");
  const std::vector<std::pair<const char*, const char*>> allowed = {
      {"/healthz", "GET, HEAD, OPTIONS"},
      {"/v1", "GET, HEAD, OPTIONS"},
      {"/v1/batch", "POST, OPTIONS"},
      {"/v1/endpoints/none", "GET, HEAD, POST, OPTIONS"},
      {"/v1/endpoints/", "GET, HEAD, POST, OPTIONS"}};
  for (const auto& [target, methods] : allowed) {
    const auto options = scene.ask(FakeRequest(target, {}, "OPTIONS"));
    EXPECT_EQ(options->status, 204) << target;
    EXPECT_EQ(options->header("allow"), methods);
  }
  for (const char* target : {"/", "/v1/batch/x", "/v1/endpoints", "/metrics", "/v1%2Fendpoints/cached"}) {
    for (const char* method : {"GET", "OPTIONS", "POST"})
      EXPECT_EQ(scene.ask(FakeRequest(target, {}, method))->status, 404) << method << " " << target;
  }
}

TEST(Routes, MethodThatARouteDoesNotHave_Is405WithAllow) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const FakeRequest::Headers key = {{"authorization", "Bearer token-app"}};
  const auto batch = scene.ask(FakeRequest("/v1/batch", key, "GET"));
  EXPECT_EQ(batch->status, 405);
  EXPECT_EQ(batch->header("allow"), "POST, OPTIONS");
  const auto list = scene.ask(FakeRequest("/v1", key, "POST"));
  EXPECT_EQ(list->status, 405);
  EXPECT_EQ(list->header("allow"), "GET, HEAD, OPTIONS");
}

}  // namespace
}  // namespace offloader::api
