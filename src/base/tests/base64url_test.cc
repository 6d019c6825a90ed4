#include "offloader/base/base64url.h"

#include <gtest/gtest.h>

namespace offloader {
namespace {

TEST(Base64url, Encode_Vectors_GivesTheirTexts) {
  // RFC 4648, 10, without padding.
  EXPECT_EQ(to_base64url(""), "");
  EXPECT_EQ(to_base64url("f"), "Zg");
  EXPECT_EQ(to_base64url("fo"), "Zm8");
  EXPECT_EQ(to_base64url("foo"), "Zm9v");
  EXPECT_EQ(to_base64url("foob"), "Zm9vYg");
  EXPECT_EQ(to_base64url("fooba"), "Zm9vYmE");
  EXPECT_EQ(to_base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64url("\xFB\xEF\xFF"), "--__");
}

TEST(Base64url, Decode_AnyEncodedBytes_GivesThemBack) {
  std::string bytes;
  for (int i = 0; i < 600; ++i) {
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    bytes.push_back(static_cast<char>(i * 37));
  }
}

TEST(Base64url, Decode_OtherTexts_ReturnsNullopt) {
  for (const char* text : {"Z", "Zg==", "Zg=", "Zh", "Zm9", "Zm9v ", "+//_", "Zm9vY", "Zm 9v", "Zm9v\n"})
    EXPECT_FALSE(from_base64url(text)) << text;
}

}  // namespace
}  // namespace offloader
