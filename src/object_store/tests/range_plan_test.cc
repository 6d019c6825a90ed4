#include "range_plan.h"

#include <gtest/gtest.h>

#include <limits>

#include "store_fixture.h"

namespace offloader::object_store {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

TEST(RangePlanTest, Plan_LongAndCloseReads_SplitsAndMergesThem) {
  std::string buffer(40, '\0');
  const auto plan = plan_ranges(
      {{{2 * kMergeGap, 25}, buffer.data() + 15}, {{0, 5}, buffer.data()}, {{8, 2}, buffer.data() + 5}}, 10);
  ASSERT_THAT(plan, Succeeds());
  ASSERT_EQ(plan->size(), 4U);
  EXPECT_EQ((*plan)[0].range.offset, 0U);
  EXPECT_EQ((*plan)[0].range.length, 10U);
  ASSERT_EQ((*plan)[0].segments.size(), 2U);
  EXPECT_EQ((*plan)[0].segments[1].offset, 8U);
  EXPECT_EQ((*plan)[3].range.offset, 2 * kMergeGap + 20);
  EXPECT_EQ((*plan)[3].range.length, 5U);
}

TEST(RangePlanTest, Plan_RangeEndsPastTheLargestOffset_IsUnavailable) {
  char byte = 0;
  EXPECT_THAT(plan_ranges({{{kMost - 4, 4}, &byte}}), Succeeds());
  EXPECT_THAT(plan_ranges({{{0, 1}, &byte}, {{kMost - 4, 5}, &byte}}), FailsWith(ErrorCode::unavailable));
  EXPECT_THAT(plan_ranges({{{kMost, 1}, &byte}}), FailsWith(ErrorCode::unavailable));
}

}  // namespace
}  // namespace offloader::object_store
