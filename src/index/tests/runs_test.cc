// Compares run lengths, and sums over runs, with loops that go row by row.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "runs.h"
#include "sorted_column.h"
#include "sum.h"

namespace offloader::index {
namespace {

template <typename Stored>
class IndexRuns : public ::testing::Test {};
TYPED_TEST_SUITE(IndexRuns, KeyWidths);

TYPED_TEST(IndexRuns, RunLength_SortedKeys_EndsWhereTheKeyChanges) {
  std::mt19937 random(7);
  for (const std::uint32_t longest : {1U, 2U, 31U, 33U, 70U, 200U, 5000U}) {
    std::vector<TypeParam> keys;
    std::vector<std::uint32_t> lengths;
    for (TypeParam key = 0; key < 40; ++key) {
      lengths.push_back(std::uniform_int_distribution<std::uint32_t>(1, longest)(random));
      keys.insert(keys.end(), lengths.back(), key);
    }
    const Column column = column_of(keys);
    const std::array<const Column*, 1> columns{&column};
    const auto rows = static_cast<std::uint32_t>(keys.size());
    std::uint32_t begin = 0;
    for (const std::uint32_t length : lengths) {
      EXPECT_EQ(run_length(columns, begin, rows - begin), length) << "from " << begin << " of " << rows;
      EXPECT_EQ(run_length_backward(columns, begin + length - 1, begin + length), length);
      EXPECT_EQ(run_length(columns, begin, 1), 1U);
      EXPECT_EQ(run_length(columns, begin, std::max(1U, length / 2)), std::max(1U, length / 2));
      EXPECT_EQ(run_length_backward(columns, begin + length - 1, std::max(1U, length / 2)),
                std::max(1U, length / 2));
      begin += length;
    }
  }
}

TYPED_TEST(IndexRuns, RunLength_SeveralColumns_EndsWhereAnyKeyChanges) {
  std::vector<TypeParam> outer;
  std::vector<TypeParam> inner;
  for (const int of_outer : {0, 1, 2}) {
    for (const int of_inner : {0, 1, 2, 3}) {
      outer.insert(outer.end(), 45, static_cast<TypeParam>(of_outer));
      inner.insert(inner.end(), 45, static_cast<TypeParam>(of_inner));
    }
  }
  const Column first = column_of(outer);
  const Column second = column_of(inner);
  const std::array<const Column*, 2> columns{&first, &second};
  const auto rows = static_cast<std::uint32_t>(outer.size());
  for (std::uint32_t begin = 0; begin < rows; begin += 45) {
    EXPECT_EQ(run_length(columns, begin, rows - begin), 45U);
    EXPECT_EQ(run_length_backward(columns, begin + 44, begin + 45), 45U);
  }
  EXPECT_EQ(run_length({}, 3, rows - 3), rows - 3) << "without columns all rows are one run";
}

TEST(IndexRunsOfDoubles, RunLength_BothZeros_AreOneKey) {
  std::vector<std::uint64_t> keys(50, kNegativeZeroKey);
  keys.insert(keys.end(), 50, kPositiveZeroKey);
  keys.push_back(kPositiveZeroKey + 1);
  const Column column = column_of(keys, catalog::ColumnType::float64);
  const std::array<const Column*, 1> columns{&column};
  EXPECT_EQ(run_length(columns, 0, 101), 100U);
  EXPECT_EQ(run_length_backward(columns, 99, 100), 100U);
}

template <typename Stored>
void expect_sums() {
  std::mt19937 random(11);
  std::vector<Stored> keys(300'000);
  for (Stored& key : keys) key = static_cast<Stored>(random());
  const auto expect = [&](std::uint32_t from, std::uint32_t count, std::uint32_t readable) {
    const auto* const begin = keys.data() + from;
    EXPECT_EQ(sum_keys(begin, count, readable), std::accumulate(begin, begin + count, std::uint64_t{0}))
        << count << " keys from " << from << " on, " << readable << " readable";
  };
  for (std::uint32_t count = 0; count < 70; ++count) {
    for (const std::uint32_t past : {0U, 1U, 7U, 15U, 16U, 100U}) expect(count * 3, count, count + past);
  }
  expect(0, 300'000, 300'000);
  std::fill(keys.begin(), keys.end(), std::numeric_limits<Stored>::max());
  expect(0, 300'000, 300'000);
}

TEST(IndexSums, SumKeys_AnyCountOfNarrowKeys_EqualsALoop) {
  expect_sums<std::uint8_t>();
  expect_sums<std::uint16_t>();
  expect_sums<std::uint32_t>();
}

TEST(IndexSums, SumKeys_NothingReadableBehindTheKeys_ReadsOnlyTheKeys) {
  for (std::uint32_t count = 1; count < 40; ++count) {
    const std::vector<std::uint16_t> keys(count, 3);  // the address sanitizer detects reads past its end
    EXPECT_EQ(sum_keys(keys.data(), count, count), 3U * count);
  }
}

}  // namespace
}  // namespace offloader::index
