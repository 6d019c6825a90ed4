#include "offloader/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace offloader::load {
namespace {

TEST(LatencyHistogram, Percentile_RandomValues_IsWithinATenthOfAPercent) {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> values;
  LatencyHistogram histogram;
  for (int i = 0; i < 20000; ++i) {
    values.push_back(random() >> (24 + random() % 40));  // up to 2^40
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double percent : {0.0, 1.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const auto at = static_cast<std::size_t>(std::max(1.0, std::ceil(percent / 100 * 20000)) - 1);
    const auto exact = static_cast<double>(values[at]);
    EXPECT_NEAR(static_cast<double>(histogram.percentile(percent)), exact, exact * 0.001) << percent;
  }
  EXPECT_EQ(histogram.least(), values.front());
  EXPECT_EQ(histogram.greatest(), values.back());
}

TEST(LatencyHistogram, Record_SmallestAndLargestValue_CountUntilCleared) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.percentile(99), 0U);
  histogram.record(0);
  histogram.record(~0ULL);
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.percentile(50), 0U);
  EXPECT_EQ(histogram.percentile(100), (1ULL << 40) - 1);
  LatencyHistogram other;
  other.record(100);
  other.add(histogram);
  EXPECT_EQ(other.count(), 3U);
  EXPECT_EQ(other.percentile(50), 100U);
  other.clear();
  EXPECT_EQ(other.count(), 0U);
  EXPECT_EQ(other.greatest(), 0U);
}

}  // namespace
}  // namespace offloader::load
