#include "keys.h"

#include <gtest/gtest.h>

#include <limits>

namespace offloader::index {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

using Keys = std::vector<Interval>;

Keys joined(Keys keys) {
  join_intervals(keys);
  return keys;
}

TEST(Keys, Join_OverlappingOrTouching_BecomeOne) {
  EXPECT_EQ(joined({}), Keys{});
  EXPECT_EQ(joined({{5, 6}, {0, 1}, {2, 3}}), (Keys{{0, 3}, {5, 6}}));
  EXPECT_EQ(joined({{0, 10}, {2, 3}, {0, 0}}), (Keys{{0, 10}}));
  EXPECT_EQ(joined({{7, kMost}, {kMost, kMost}, {6, 6}}), (Keys{{6, kMost}}));
}

TEST(Keys, Common_OfTwoSets_AreInBoth) {
  const auto common = [](const Keys& a, const Keys& b) { return common_keys(a, b); };
  EXPECT_EQ(common({{0, 5}, {10, 15}}, {{3, 11}}), (Keys{{3, 5}, {10, 11}}));
  EXPECT_EQ(common({{0, 5}}, {{6, 9}}), Keys{});
  EXPECT_EQ(common({{0, kMost}}, {{1, 1}, {kMost, kMost}}), (Keys{{1, 1}, {kMost, kMost}}));
}

// A nullable INTEGER column with the values -10 to 10.
Column integers() {
  Column column;
  column.type = catalog::ColumnType::integer;
  column.nullable = true;
  column.nulls = 1;
  column.base = -10;
  column.max_key = 20;
  column.null_key = 21;
  return column;
}

Keys keys(const query::Test& test, const query::Value& value, const query::ValueList& list = {}) {
  Keys found;
  EXPECT_TRUE(keys_of_test(integers(), test, value, &list, 0, found));
  return found;
}

query::Value number(std::int64_t value) {
  return value;
}

TEST(Keys, OfTest_Comparisons_AreTheKeysOfTheirValues) {
  using query::Compare;
  using query::Comparison;
  EXPECT_EQ(keys(Compare(Comparison::gt), number(9)), (Keys{{20, 20}}));
  EXPECT_EQ(keys(Compare(Comparison::gt), number(10)), Keys{});
  EXPECT_EQ(keys(Compare(Comparison::gt), number(-99)), (Keys{{0, 20}}));
  EXPECT_EQ(keys(Compare(Comparison::ne), number(0)), (Keys{{0, 9}, {11, 20}}));
  EXPECT_EQ(keys(Compare(Comparison::ne, true), number(10)), (Keys{{0, 19}, {21, 21}}));
  EXPECT_EQ(keys(Compare(Comparison::ne), query::Nothing{}), (Keys{{0, 20}}));
  EXPECT_EQ(keys(Compare(Comparison::eq), query::Nothing{}), Keys{});
}

TEST(Keys, OfTest_ListsAndNull_LeaveNullOutUnlessAsked) {
  using query::Among;
  const query::ValueList list{number(-10), number(-9), number(10), number(99)};
  EXPECT_EQ(keys(Among{}, query::Nothing{}, list), (Keys{{0, 1}, {20, 20}}));
  EXPECT_EQ(keys(Among{.negated = true}, query::Nothing{}, list), (Keys{{2, 19}}));
  EXPECT_EQ(keys(Among{.negated = true, .or_null = true}, query::Nothing{}, list), (Keys{{2, 19}, {21, 21}}));
  EXPECT_EQ(keys(Among{}, query::Nothing{}), Keys{});
  EXPECT_EQ(keys(Among{.negated = true}, query::Nothing{}), (Keys{{0, 21}}));
  EXPECT_EQ(keys(query::NullTest{}, true), (Keys{{21, 21}}));
  EXPECT_EQ(keys(query::NullTest{}, false), (Keys{{0, 20}}));
}

TEST(Keys, OfTest_ValueOfAnotherType_IsNotAnswered) {
  Keys found;
  EXPECT_FALSE(
      keys_of_test(integers(), query::Compare(query::Comparison::eq), std::string("x"), nullptr, 0, found));
  EXPECT_FALSE(keys_of_test(integers(), query::Match{}, std::string("x"), nullptr, 0, found));
}

}  // namespace
}  // namespace offloader::index
