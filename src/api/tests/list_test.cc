// GET /v1: the endpoints that a caller may call.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api_scene.h"

namespace offloader::api {
namespace {

TEST(List, Key_SeesTheEndpointsItMayCall) {
  ApiScene scene;
  auto files = ApiScene::files();
  files["endpoints/cached.yml"] += "description: 'Rows of \"n\"'\n";
  scene.serve(files);
  const FakeRequest::Headers id = {{"x-request-id", "r"}};
  const auto app = scene.get("/v1", "token-app", id);
  EXPECT_EQ(app->status, 200);
  EXPECT_EQ(app->body, R"({"data":[{"name":"cached","version":1,"description":"Rows of \"n\"",)"
                       R"("path":"/v1/endpoints/cached"},)"
                       R"({"name":"fresh","version":1,"description":"","path":"/v1/endpoints/fresh"}],)"
                       R"("meta":{"request_id":"r"}})");
  EXPECT_EQ(app->header("cache-control"), "private, no-store");
  EXPECT_EQ(app->header("vary"), "Accept-Encoding, Authorization");
  EXPECT_EQ(scene.get("/v1/", "token-tenant", id)->body,
            R"({"data":[{"name":"scoped","version":1,"description":"","path":"/v1/endpoints/scoped"}],)"
            R"("meta":{"request_id":"r"}})");
}

TEST(List, NoKey_Is401) {
  ApiScene scene;
  EXPECT_EQ(scene.get("/v1", "")->status, 503);
  scene.serve(ApiScene::files());
  EXPECT_EQ(scene.get("/v1", "")->status, 401);
  EXPECT_EQ(scene.ask(FakeRequest("/v1", {}, "POST"))->status, 401);
}

TEST(List, AuthNone_ShowsAllToEverybody) {
  ApiScene scene;
  scene.serve(ApiScene::open_files());
  const auto answer = scene.get("/v1", "");
  EXPECT_TRUE(answer->has("cached"));
  EXPECT_TRUE(answer->has("fresh"));
  EXPECT_EQ(answer->header("cache-control"), "public, max-age=60, stale-while-revalidate=60");
  EXPECT_EQ(answer->header("vary"), "Accept-Encoding");
}

TEST(List, IfNoneMatch_OfTheSameList_Is304) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto first = scene.get("/v1");
  EXPECT_NE(first->header("etag"), scene.get("/v1", "token-tenant")->header("etag"));
  const auto again = scene.get("/v1", "token-app", {{"if-none-match", first->header("etag")}});
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(again->body, "");
  EXPECT_EQ(again->header("etag"), first->header("etag"));
  auto files = ApiScene::files();
  files["endpoints/fresh.yml"] += "description: new\n";
  scene.serve(files);
  EXPECT_EQ(scene.get("/v1", "token-app", {{"if-none-match", first->header("etag")}})->status, 200);
}

}  // namespace
}  // namespace offloader::api
