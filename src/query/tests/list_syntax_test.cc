#include "list_syntax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace offloader::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(ListSyntax, Split_CommasAndQuotes_GivesTheValues) {
  EXPECT_THAT(split_list("", 10), Optional(IsEmpty()));
  EXPECT_THAT(split_list("a", 10), Optional(ElementsAre("a")));
  EXPECT_THAT(split_list("a,,b,", 10), Optional(ElementsAre("a", "", "b", "")));
  EXPECT_THAT(split_list("\"\"", 10), Optional(ElementsAre("")));
  EXPECT_THAT(split_list("\"a,b\",\"say \"\"x\"\"\"", 10), Optional(ElementsAre("a,b", "say \"x\"")));
  EXPECT_THAT(split_list(" a , b ", 10), Optional(ElementsAre(" a ", " b ")));
}

TEST(ListSyntax, Split_WrongQuotes_ReturnsNullopt) {
  for (const char* text : {"\"", "\"a", "a\"", "a\"b", "\"a\"b", "a,\"b", "\"a\" ,b", "\"\"\""})
    EXPECT_EQ(split_list(text, 10), std::nullopt) << text;
}

TEST(ListSyntax, Split_MoreThanTheMost_StopsAfterOneMore) {
  EXPECT_THAT(split_list("a,b,c,d,e", 2), Optional(ElementsAre("a", "b", "c")));
}

}  // namespace
}  // namespace offloader::query
