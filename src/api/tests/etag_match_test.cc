#include "etag_match.h"

#include <gtest/gtest.h>

namespace offloader::api {
namespace {

TEST(EtagMatch, Matches_AnyListMember_ComparesWeakly) {
  constexpr std::string_view kTag = "W/\"abc\"";
  EXPECT_TRUE(etag_matches("W/\"abc\"", kTag));
  EXPECT_TRUE(etag_matches("\"abc\"", kTag));
  EXPECT_TRUE(etag_matches("\"x\", W/\"abc\"", kTag));
  EXPECT_TRUE(etag_matches("\"a,b\" ,\t\"abc\"", kTag));
  EXPECT_TRUE(etag_matches("*", kTag));
  EXPECT_FALSE(etag_matches("\"ab\"", kTag));
  EXPECT_FALSE(etag_matches("abc", kTag));
  EXPECT_FALSE(etag_matches("\"x\" \"abc\"", kTag));
  EXPECT_FALSE(etag_matches("\"unterminated", kTag));
  EXPECT_FALSE(etag_matches("", kTag));
  EXPECT_FALSE(etag_matches("**", kTag));
}

TEST(EtagMatch, Matches_TagMarkedByACompressingProxy_IsTheSame) {
  constexpr std::string_view kTag = "W/\"abc\"";
  for (const char* sent : {"W/\"abc-gzip\"", "\"abc-gzip\"", "\"x\", \"abc;gzip\"", "\"abc--gzip\"",
                           "W/\"abc-br\"", "W/\"abc-zstd\"", "W/\"abc-deflate\""})
    EXPECT_TRUE(etag_matches(sent, kTag)) << sent;
  for (const char* sent : {"W/\"abc-\"", "W/\"abc-gzi\"", "W/\"abcgzip\"", "W/\"abc-gzipx\"", "W/\"ab-gzip\"",
                           "W/\"abc---gzip\"", "W/\"abc;;gzip\""})
    EXPECT_FALSE(etag_matches(sent, kTag)) << sent;
}

}  // namespace
}  // namespace offloader::api
