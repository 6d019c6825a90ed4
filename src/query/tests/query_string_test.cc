#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/query/params.h"

namespace offloader::query {
namespace {

MATCHER_P2(Pair, name, value, "") {
  return arg.name == name && arg.value == value && arg.form == SentParam::Form::text;
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Params decoded(std::string_view query) {
  auto params = decode_query_string(query);
  EXPECT_TRUE(params) << query;
  return params.value_or(Params{});
}

void expect_refused(std::string_view query) {
  const auto params = decode_query_string(query);
  ASSERT_FALSE(params) << query;
  EXPECT_EQ(params.error().code, ErrorCode::invalid_param) << query;
}

TEST(QueryString, Decode_RepeatedParams_KeepsThemInOrder) {
  EXPECT_THAT(decoded("b=2&a=1&b=3"), ElementsAre(Pair("b", "2"), Pair("a", "1"), Pair("b", "3")));
}

TEST(QueryString, Decode_EscapedDelimiters_AreData) {
  EXPECT_THAT(decoded("a%3Db=c%26d=e"), ElementsAre(Pair("a=b", "c&d=e")));
  EXPECT_THAT(decoded("a=%2526"), ElementsAre(Pair("a", "%26")));
}

TEST(QueryString, Decode_Plus_IsASpaceUnlessEscaped) {
  EXPECT_THAT(decoded("a+b=c+%2B+%2b%20"), ElementsAre(Pair("a b", "c + + ")));
}

TEST(QueryString, Decode_EmptyPairs_AreSkipped) {
  EXPECT_THAT(decoded(""), IsEmpty());
  EXPECT_THAT(decoded("&&"), IsEmpty());
  EXPECT_THAT(decoded("&a&b=&=c&"), ElementsAre(Pair("a", ""), Pair("b", ""), Pair("", "c")));
}

TEST(QueryString, Decode_SemicolonsAndControls_AreData) {
  EXPECT_THAT(decoded("a=1;b=2%0A%7F"), ElementsAre(Pair("a", "1;b=2\n\x7f")));
}

TEST(QueryString, Decode_IncompleteEscape_IsRejected) {
  for (const char* query :
       {"a=%", "a=%2", "a=%zz", "a=%2g", "a=%g2", "%=a", "a%4=b", "a=%%20", "a=%u0041", "a=%-1"}) {
    expect_refused(query);
  }
}

TEST(QueryString, Decode_Nul_IsRejected) {
  expect_refused("a=%00");
  expect_refused("%00=a");
  expect_refused("a=b%00c");
  expect_refused(std::string_view("a=\0", 3));
}

TEST(QueryString, Decode_InvalidUtf8InAnyPart_IsRejected) {
  EXPECT_THAT(decoded("%C3%A4=\xC3\xB6"), ElementsAre(Pair("ä", "ö")));
  EXPECT_THAT(decoded("a=%F0%9F%A6%86"), ElementsAre(Pair("a", "🦆")));
  for (const char* query :
       {"a=%ff", "a=%C3", "%C3=%A4", "a=%C0%AF", "a=%ED%A0%80", "a=%F4%90%80%80", "a=\xff"}) {
    expect_refused(query);
  }
}

TEST(QueryString, Decode_TooLongOrTooManyParams_IsRejected) {
  EXPECT_EQ(decoded("a=" + std::string(8190, 'x'))[0].value.size(), 8190U);
  expect_refused("a=" + std::string(8191, 'x'));
  std::string many;
  for (int i = 0; i < 256; ++i) many += "a&";
  EXPECT_EQ(decoded(many).size(), 256U);
  expect_refused(many + "a");
}

}  // namespace
}  // namespace offloader::query
