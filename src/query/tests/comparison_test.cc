#include "offloader/query/comparison.h"

#include <gtest/gtest.h>

namespace offloader::query {
namespace {

// The numbers are part of cache keys, and so of ETags.
TEST(Comparison, Numbers_Hashed_NeverChange) {
  EXPECT_EQ(number_of(Comparison::eq), 0);
  EXPECT_EQ(number_of(Comparison::ge), 1);
  EXPECT_EQ(number_of(Comparison::le), 2);
  EXPECT_EQ(number_of(Comparison::lt), 3);
  EXPECT_EQ(number_of(Comparison::gt), 4);
  EXPECT_EQ(number_of(Comparison::ne), 5);
  for (const ComparisonRow& row : kComparisons) EXPECT_LT(row.number, 10) << "more than one digit";
}

}  // namespace
}  // namespace offloader::query
