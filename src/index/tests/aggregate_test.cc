#include "../aggregate.h"

#include <gtest/gtest.h>

namespace offloader::index {
namespace {

std::vector<std::pair<std::uint32_t, std::uint32_t>> stretches_of(const std::vector<std::uint32_t>& groups) {
  std::vector<Stretch> stretches = {{.group = 99, .end = 99}};  // of the batch before
  find_stretches(groups, stretches);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
  for (const Stretch& each : stretches) out.emplace_back(each.group, each.end);
  return out;
}

using Stretches = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

TEST(Stretches, Find_FourRowsOnAverage_CoverAllRows) {
  EXPECT_EQ(stretches_of({7, 7, 7, 7}), (Stretches{{7, 4}}));
  EXPECT_EQ(stretches_of({7, 3, 3, 3, 3, 3, 3, 3}), (Stretches{{7, 1}, {3, 8}}));
  EXPECT_EQ(stretches_of({7, 7, 7, 3, 3, 3, 3, 3, 3, 3, 3, 7}), (Stretches{{7, 3}, {3, 11}, {7, 12}}));
}

TEST(Stretches, Find_FewerRowsOnAverage_GivesNone) {
  EXPECT_EQ(stretches_of({}), Stretches());
  EXPECT_EQ(stretches_of({7, 7, 7}), Stretches());
  EXPECT_EQ(stretches_of({7, 7, 3, 3, 3, 3, 3}), Stretches());
}

}  // namespace
}  // namespace offloader::index
