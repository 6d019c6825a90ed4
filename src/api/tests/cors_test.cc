#include "cors.h"

#include <gtest/gtest.h>

namespace offloader::api {
namespace {

constexpr std::string_view kExpose =
    "access-control-expose-headers: etag, x-request-id, retry-after, link, content-disposition, "
    "ratelimit, ratelimit-policy, offloader-snapshot, "
    "offloader-watermark, offloader-stale, offloader-has-more\r\n";
constexpr std::string_view kPreflight =
    "access-control-allow-methods: GET, HEAD, POST, OPTIONS\r\n"
    "access-control-allow-headers: authorization, content-type, if-none-match, x-request-id\r\n"
    "access-control-max-age: 600\r\n";

std::string ordinary(const Cors& cors, std::optional<std::string_view> origin) {
  std::string out;
  cors.append(out, origin);
  return out;
}
std::string preflight(const Cors& cors, std::optional<std::string_view> origin) {
  std::string out;
  cors.append_preflight(out, origin);
  return out;
}

TEST(Cors, Append_NoOriginsConfigured_AddsNoHeaders) {
  const Cors cors({});
  EXPECT_EQ(ordinary(cors, "https://a.example"), "");
  EXPECT_EQ(preflight(cors, "https://a.example"), "");
  EXPECT_FALSE(cors.varies());
}

TEST(Cors, Append_AnyOriginAllowed_OmitsCredentials) {
  const Cors cors({"*"});
  const std::string any = "access-control-allow-origin: *\r\n";
  EXPECT_EQ(ordinary(cors, "https://a.example"), any + std::string(kExpose));
  EXPECT_EQ(ordinary(cors, std::nullopt), any + std::string(kExpose));
  EXPECT_EQ(preflight(cors, "https://a.example"), any + std::string(kPreflight));
  EXPECT_FALSE(cors.varies());
}

TEST(Cors, Append_ListedOrigin_EchoesItWithCredentials) {
  const Cors cors({"https://a.example", "https://b.example:8443"});
  const std::string echoed =
      "access-control-allow-origin: https://b.example:8443\r\naccess-control-allow-credentials: true\r\n";
  EXPECT_EQ(ordinary(cors, "https://b.example:8443"), echoed + std::string(kExpose));
  EXPECT_EQ(preflight(cors, "https://b.example:8443"), echoed + std::string(kPreflight));
  EXPECT_TRUE(cors.varies());
}

TEST(Cors, Append_UnlistedOrigin_AddsNoHeaders) {
  const Cors cors({"https://a.example"});
  for (const auto& origin : {"https://a.example.evil", "http://a.example", "https://A.example",
                             "https://a.example:443", "https://a.exampl", "null", ""}) {
    EXPECT_EQ(ordinary(cors, origin), "") << origin;
    EXPECT_EQ(preflight(cors, origin), "") << origin;
  }
  EXPECT_EQ(ordinary(cors, std::nullopt), "");
}

}  // namespace
}  // namespace offloader::api
