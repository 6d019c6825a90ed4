#include "offloader/base/byte_budget.h"

#include <gtest/gtest.h>

namespace offloader {
namespace {

TEST(ByteBudget, TryResize_BeyondTheLimit_TakesNothing) {
  const auto budget = std::make_shared<ByteBudget>(8'000'000);
  ByteHold one(budget);
  ByteHold two(budget);
  EXPECT_TRUE(one.try_resize(5'000'000));
  EXPECT_FALSE(two.try_resize(3'000'000)) << "an eighth is kept for small ones";
  EXPECT_EQ(budget->used(), 5'000'000U);
  EXPECT_TRUE(two.try_resize(2'000'000));
  EXPECT_EQ(budget->used(), 7'000'000U);
}

TEST(ByteBudget, TryResize_SmallHolder_MayUseTheLastEighth) {
  const auto budget = std::make_shared<ByteBudget>(800'000);
  ByteHold large(budget);
  ASSERT_TRUE(large.try_resize(700'000));
  ByteHold small(budget);
  EXPECT_FALSE(small.try_resize(ByteBudget::kSmall + 1));
  EXPECT_TRUE(small.try_resize(ByteBudget::kSmall));
  EXPECT_FALSE(budget->full());
}

TEST(ByteBudget, Resize_BeyondTheLimit_IsCountedAndBlocksOthers) {
  const auto budget = std::make_shared<ByteBudget>(1000);
  ByteHold made(budget);
  made.resize(5000);
  EXPECT_TRUE(budget->full());
  EXPECT_FALSE(ByteHold(budget).try_resize(1));
  made.resize(10);
  EXPECT_EQ(budget->used(), 10U);
}

TEST(ByteBudget, Hold_Moved_GivesBackOnce) {
  const auto budget = std::make_shared<ByteBudget>(1000);
  {
    ByteHold first(budget);
    ASSERT_TRUE(first.try_resize(300));
    ByteHold second(std::move(first));
    ByteHold third(budget);
    ASSERT_TRUE(third.try_resize(100));
    third = std::move(second);
    EXPECT_EQ(budget->used(), 300U);
  }
  EXPECT_EQ(budget->used(), 0U);
}

TEST(ByteBudget, TryResize_WithoutABudget_AlwaysFits) {
  ByteHold hold;
  EXPECT_TRUE(hold.try_resize(std::size_t{1} << 60));
}

}  // namespace
}  // namespace offloader
