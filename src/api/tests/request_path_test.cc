#include "request_path.h"

#include <gtest/gtest.h>

namespace offloader::api {
namespace {

std::string routed(std::string_view path) {
  std::string decoded;
  return std::string(routed_path(path, decoded));
}

TEST(RequestPath, RoutedPath_EncodedUnreservedCharacters_AreDecoded) {
  EXPECT_EQ(routed("/v1/endpoints/%6D"), "/v1/endpoints/m");
  EXPECT_EQ(routed("/v1/endpoints/%6d%5f%4A%7e"), "/v1/endpoints/m_J~");
  EXPECT_EQ(routed("/%76%31/endpoints/m"), "/v1/endpoints/m");
}

TEST(RequestPath, RoutedPath_OtherEncodings_StayEncoded) {
  for (const char* path :
       {"/v1/endpoints/a%2Fb", "/v1/endpoints/a%2fb", "/v1/endpoints/%00", "/v1/endpoints/%25",
        "/v1/endpoints/%256D", "/v1/endpoints/%c3%a9", "/v1/endpoints/%zz", "/v1/endpoints/%",
        "/v1/endpoints/%6", "/v1/endpoints/m%20"}) {
    EXPECT_EQ(routed(path), path);
  }
}

TEST(RequestPath, RoutedPath_TrailingSlash_IsRemovedOnce) {
  EXPECT_EQ(routed("/v1/endpoints/m/"), "/v1/endpoints/m");
  EXPECT_EQ(routed("/healthz/"), "/healthz");
  EXPECT_EQ(routed("/v1/endpoints/m//"), "/v1/endpoints/m/");
  EXPECT_EQ(routed("/v1/endpoints/"), "/v1/endpoints/") << "an empty name";
  EXPECT_EQ(routed("/"), "/");
  EXPECT_EQ(routed(""), "");
}

}  // namespace
}  // namespace offloader::api
