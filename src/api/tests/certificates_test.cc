// A port that requires client certificates, and callers without one.

#include <gtest/gtest.h>

#include "tests/api_scene.h"

namespace offloader::api {
namespace {

TEST(Certificates, CallerWithoutOne_Is401OnEveryRouteButHealth) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  const auto status = [&](const char* method, const char* target) {
    FakeRequest request(target, {{"authorization", "Bearer token-app"}}, method);
    request.without_certificate = true;
    return scene.ask(request);
  };
  for (const char* target : {"/v1", "/v1/endpoints/cached", "/v1/endpoints/none", "/v1/batch", "/nothing"}) {
    for (const char* method : {"GET", "POST", "OPTIONS", "DELETE"}) {
      const auto answer = status(method, target);
      EXPECT_EQ(answer->status, 401) << method << " " << target;
      EXPECT_EQ(answer->header("www-authenticate"), "Bearer");
      EXPECT_TRUE(answer->has("a valid client certificate is required"));
    }
  }
  EXPECT_EQ(status("GET", "/healthz")->status, 200);
  EXPECT_EQ(status("HEAD", "/healthz")->status, 200);
}

// Browsers send no certificate with it.
TEST(Certificates, Preflight_NeedsNone) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  for (const char* target : {"/v1", "/v1/endpoints/cached", "/v1/endpoints/none", "/v1/batch"}) {
    FakeRequest request(target, {{"origin", "https://app.example"}, {"access-control-request-method", "GET"}},
                        "OPTIONS");
    request.without_certificate = true;
    EXPECT_EQ(scene.ask(request)->status, 204) << target;
  }
}

TEST(Certificates, CallerWithoutOne_IsCounted) {
  ApiScene scene;
  scene.serve(ApiScene::files());
  FakeRequest request("/v1");
  request.without_certificate = true;
  scene.ask(request);
  EXPECT_EQ(scene.counted("offloader_auth_failures_total", {{"reason", "certificate"}}), 1U);
}

}  // namespace
}  // namespace offloader::api
