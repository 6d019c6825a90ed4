// An admin port that requires client certificates, and callers without one.

#include <gtest/gtest.h>

#include "admin_scene.h"

namespace offloader::admin {
namespace {

TEST(AdminCertificates, CallerWithoutOne_Is401OnEveryRouteButTheProbes) {
  AdminScene scene;
  const auto call = [&](const char* method, const char* target) {
    FakeRequest request(method, target, {{"authorization", "Bearer right"}});
    request.without_certificate = true;
    return scene.ask(request).get();
  };
  for (const char* target : {"/status", "/metrics", "/docs", "/schema", "/openapi.json", "/diagnostics",
                             "/support-bundle", "/nothing"}) {
    const FakeAnswer answer = call("GET", target);
    EXPECT_EQ(answer.status, 401) << target;
    EXPECT_EQ(answer.header("www-authenticate"), "Bearer");
    EXPECT_EQ(answer.json()["error"]["message"], "a valid client certificate is required");
  }
  EXPECT_EQ(call("POST", "/config/reload").status, 401);
  EXPECT_EQ(call("POST", "/datasets/orders/refresh").status, 401);
  EXPECT_EQ(call("GET", "/live").status, 200);
  EXPECT_NE(call("GET", "/ready").status, 401);
}

}  // namespace
}  // namespace offloader::admin
