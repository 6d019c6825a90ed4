#include "distinct_keys.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace offloader::index {
namespace {

TEST(DistinctKeys, Add_RandomKeys_TellsWhichAreNew) {
  std::mt19937_64 random(5);
  DistinctKeys distinct;
  for (int round = 0; round < 2; ++round) {
    distinct.clear();
    std::set<std::pair<std::uint32_t, std::uint64_t>> seen;
    for (int i = 0; i < 20'000; ++i) {
      const auto group = static_cast<std::uint32_t>(random() % 7);
      const std::uint64_t key = i % 2 == 0 ? random() % 500 : ~0ULL - random() % 500;
      ASSERT_EQ(distinct.add(group, key), seen.emplace(group, key).second);
    }
  }
  EXPECT_FALSE(distinct.full());
}

TEST(DistinctKeys, Add_MoreThanTheMost_IsFullUntilCleared) {
  DistinctKeys distinct;
  distinct.clear();
  for (std::uint64_t key = 0; key < DistinctKeys::kMost; ++key) ASSERT_TRUE(distinct.add(1, key));
  EXPECT_FALSE(distinct.full());
  static_cast<void>(distinct.add(2, 0));
  EXPECT_TRUE(distinct.full());
  distinct.clear();
  EXPECT_FALSE(distinct.full());
  EXPECT_TRUE(distinct.add(1, 0));
}

}  // namespace
}  // namespace offloader::index
