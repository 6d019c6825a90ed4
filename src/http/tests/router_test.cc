#include "offloader/http/router.h"

#include <gtest/gtest.h>

namespace offloader::http {
namespace {

Router<std::string> router() {
  Router<std::string> out;
  out.add("/things/{name...}", "GET, HEAD", "things");
  out.add("/healthz", "GET, HEAD", "health");
  out.add("/sets/{id}/refresh", "POST", "refresh");
  out.add("/sets/{id}/{part}", "GET", "part");
  out.add("/sets/{id}/{part}", "PUT, DELETE", "change");
  out.add("/sets/{rest...}", "POST", "others");
  return out;
}

TEST(Router, Find_PathMatchesNoPattern_ReturnsNullopt) {
  for (const char* path : {"", "/", "/health", "/healthz/", "/thing", "/things", "/sets"})
    EXPECT_FALSE(router().find("GET", path)) << path;
}

TEST(Router, Find_SeveralRoutesOfAPattern_ChoosesByMethod) {
  const auto routes = router();
  EXPECT_EQ(routes.find("GET", "/sets/a/b")->value, "part");
  EXPECT_EQ(routes.find("PUT", "/sets/a/b")->value, "change");
  EXPECT_EQ(routes.find("DELETE", "/sets/a/b")->value, "change");
  EXPECT_TRUE(routes.find("HEAD", "/healthz")->takes_method);
}

TEST(Router, Find_UnsupportedMethod_ReturnsTheFirstRouteAndAllowedMethods) {
  const auto routes = router();
  const auto match = routes.find("PATCH", "/sets/a/b");
  ASSERT_TRUE(match);
  EXPECT_FALSE(match->takes_method);
  EXPECT_EQ(match->value, "part");
  EXPECT_EQ(match->allow, "GET, PUT, DELETE");
  for (const char* method : {"", "GE", "GET, HEAD", "get", "GETS"})
    EXPECT_FALSE(routes.find(method, "/healthz")->takes_method) << method;
}

TEST(Router, Find_Capture_EndsAtTheNextSlash) {
  const auto routes = router();
  const auto match = routes.find("POST", "/sets/a b%2F/refresh");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->value, "refresh");
  EXPECT_EQ(match->pattern, "/sets/{id}/refresh");
  EXPECT_EQ(match->captures[0], "a b%2F");
  EXPECT_EQ(routes.find("POST", "/sets//refresh")->captures[0], "");
  EXPECT_EQ(routes.find("GET", "/sets/a/b")->captures[1], "b");
}

TEST(Router, Find_RestCapture_MayHoldSlashesOrBeEmpty) {
  const auto routes = router();
  EXPECT_EQ(routes.find("GET", "/things/")->captures[0], "");
  EXPECT_EQ(routes.find("GET", "/things/a/b/")->captures[0], "a/b/");
  EXPECT_EQ(routes.find("POST", "/sets/a/refresh/")->captures[0], "a/refresh/");
  EXPECT_EQ(routes.find("POST", "/sets/a")->value, "others");
}

TEST(Router, Find_SeveralPatternsMatch_UsesTheFirstOneAdded) {
  const auto routes = router();
  EXPECT_EQ(routes.find("POST", "/sets/a/refresh")->value, "refresh");
  EXPECT_FALSE(routes.find("GET", "/sets/a/refresh")->takes_method);
}

}  // namespace
}  // namespace offloader::http
