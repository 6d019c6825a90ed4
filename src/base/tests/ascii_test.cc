#include "offloader/base/ascii.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace offloader {
namespace {

TEST(Ascii, Classes_EveryByte_MatchTheCLocale) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const int byte = i < 0x80 ? i : 0;  // bytes above ASCII belong to no class
    EXPECT_EQ(ascii::is_digit(c), std::isdigit(byte) != 0) << i;
    EXPECT_EQ(ascii::is_lower(c), std::islower(byte) != 0) << i;
    EXPECT_EQ(ascii::is_upper(c), std::isupper(byte) != 0) << i;
    EXPECT_EQ(ascii::is_alpha(c), std::isalpha(byte) != 0) << i;
    EXPECT_EQ(ascii::is_alnum(c), std::isalnum(byte) != 0) << i;
    EXPECT_EQ(ascii::is_space(c), std::isspace(byte) != 0) << i;
    EXPECT_EQ(ascii::is_blank(c), std::isblank(byte) != 0) << i;
    EXPECT_EQ(ascii::is_hex(c), std::isxdigit(byte) != 0) << i;
    EXPECT_EQ(ascii::is_lower_hex(c), std::isxdigit(byte) != 0 && std::isupper(byte) == 0) << i;
    if (i < 0x80) {
      EXPECT_EQ(ascii::to_lower(c), static_cast<char>(std::tolower(i))) << i;
      EXPECT_EQ(ascii::to_upper(c), static_cast<char>(std::toupper(i))) << i;
    } else {
      EXPECT_EQ(ascii::to_lower(c), c) << i;
      EXPECT_EQ(ascii::to_upper(c), c) << i;
    }
  }
}

TEST(Ascii, ToLower_NonAsciiLetters_AreLeftUnchanged) {
  EXPECT_EQ(ascii::to_lower("STRASSE ÄÖ"), "strasse ÄÖ");
  EXPECT_TRUE(ascii::iequals("Content-Length", "content-length"));
  EXPECT_FALSE(ascii::iequals("content", "content-length"));
  EXPECT_FALSE(ascii::iequals("Ä", "ä"));
  EXPECT_TRUE(ascii::istarts_with("HTTPS://host", "https://"));
  EXPECT_FALSE(ascii::istarts_with("http", "https://"));
}

TEST(Ascii, Hex_BothCases_AreReadAndWritten) {
  EXPECT_EQ(ascii::hex_value('9'), 9);
  EXPECT_EQ(ascii::hex_value('a'), 10);
  EXPECT_EQ(ascii::hex_value('F'), 15);
  EXPECT_EQ(ascii::hex_value('g'), -1);
  EXPECT_EQ(ascii::hex_value('/'), -1);
  std::string out;
  ascii::append_hex(out, 0x0F);
  ascii::append_hex(out, 0xAB, ascii::kUpperHex);
  EXPECT_EQ(out, "0fAB");
}

TEST(Ascii, Trim_WhiteSpaceAtBothEnds_KeepsTheMiddle) {
  EXPECT_EQ(ascii::trim(" \t\r\n a b \v\f"), "a b");
  EXPECT_EQ(ascii::trim(" \t "), "");
  EXPECT_EQ(ascii::trim("\ra ", ascii::is_blank), "\ra");
}

}  // namespace
}  // namespace offloader
