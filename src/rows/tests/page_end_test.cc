#include "offloader/rows/page_end.h"

#include <gtest/gtest.h>

#include <limits>
#include <string_view>
#include <vector>

#include "batch_of.h"

namespace offloader::rows {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

query::Plan two_keys() {
  query::Plan plan =
      plan_of({column("kind", catalog::ColumnType::varchar), column("ratio", catalog::ColumnType::float64)});
  auto shape = std::make_shared<query::PlanShape>(*plan.shape);
  shape->order = {{.projection = 0}, {.projection = 1}};
  plan.shape = std::move(shape);
  return plan;
}

// Returns the end of rows that come in these batches.
query::PageEnd end_of(
    const std::vector<std::pair<std::vector<std::string_view>, std::vector<double>>>& batches) {
  const query::Plan plan = plan_of_keys(two_keys());
  PageEndWriter end;
  EXPECT_TRUE(end.begin(Columns(plan)));
  for (const auto& [kinds, ratios] : batches) {
    const std::vector<Column> columns = {{.kind = Kind::text, .values = kinds.data()},
                                         {.kind = Kind::float64, .values = ratios.data()}};
    EXPECT_TRUE(end.write({.columns = columns, .rows = kinds.size()}));
  }
  return end.take_end();
}

TEST(PageEnd, Write_OneBatch_CountsTheLastRowsThatAreAlike) {
  const auto end = end_of({{{"a", "b", "b", "b"}, {1, 1, 2, 2}}});
  EXPECT_EQ(end.keys, (std::vector<query::Value>{std::string("b"), 2.0}));
  EXPECT_EQ(end.alike, (std::vector<std::int64_t>{4, 3, 2}));
}

TEST(PageEnd, Write_RowsAlikeInSeveralBatches_CountsAllOfThem) {
  const auto end = end_of({{{"a", "b", "b"}, {1, 1, 2}}, {{"b", "b"}, {2, 2}}, {{"b"}, {2}}});
  EXPECT_EQ(end.alike, (std::vector<std::int64_t>{6, 5, 4}));
}

TEST(PageEnd, Write_OtherRowsAtTheBeginOfTheLastBatch_CountsOnlyThatBatch) {
  const auto end = end_of({{{"b", "b"}, {2, 2}}, {{"b", "b"}, {1, 2}}});
  EXPECT_EQ(end.alike, (std::vector<std::int64_t>{4, 4, 1}));
}

TEST(PageEnd, Write_NaNAndBothZeros_AreAlike) {
  EXPECT_EQ(end_of({{{"b", "b"}, {kNaN, kNaN}}, {{"b"}, {kNaN}}}).alike,
            (std::vector<std::int64_t>{3, 3, 3}));
  EXPECT_EQ(end_of({{{"b", "b"}, {0.0, -0.0}}, {{"b"}, {0.0}}}).alike, (std::vector<std::int64_t>{3, 3, 3}));
}

}  // namespace
}  // namespace offloader::rows
