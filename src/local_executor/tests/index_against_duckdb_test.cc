// The index and DuckDB give the same bytes for random plans over random tables.
#include <cstdlib>
#include <random>

#include "offloader/index/count.h"
#include "offloader/query/describe.h"
#include "random_plans.h"

namespace offloader::local_executor {
namespace {

class IndexAgainstDuckDb : public RandomPlans {};

TEST_F(IndexAgainstDuckDb, Execute_RandomPlans_GivesTheSameBytesAsDuckDb) {
  const char* const given = std::getenv("OFFLOADER_PROPERTY_SEED");
  const auto seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                     : static_cast<unsigned>(std::random_device{}());
  for (const int rows : {0, 1, 200, 3000}) {
    std::mt19937 random(seed);
    make_table(rows, static_cast<int>(seed % 1000));
    const auto reader = index(schema(), 2);
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->sort_columns().size(), 3U);
    for (int i = 0; i < 300; ++i) {
      const query::Plan plan = random_plan(random);
      if (!look_up(plan, *reader).supported) continue;
      const auto actual = execute_as_json(plan, *reader);
      ASSERT_TRUE(actual) << actual.error().detail << " seed " << seed;
      const JsonRows expected = by_duckdb(plan);
      ASSERT_EQ(actual->json, expected.json) << "seed " << seed << " rows " << rows << " plan " << i << "\n"
                                             << to_text(plan);
      ASSERT_EQ(actual->has_more, expected.has_more) << "seed " << seed << " plan " << i;
      ASSERT_EQ(actual->row_count, expected.row_count);
      query::Plan whole = plan;
      whole.limit = 1 << 20;
      whole.offset = 0;
      const auto counted = count_rows(plan, *reader, look_up(plan, *reader));
      ASSERT_TRUE(counted) << counted.error().detail << " seed " << seed;
      ASSERT_EQ(*counted, by_duckdb(whole).row_count) << "seed " << seed << " rows " << rows << " plan " << i;
    }
  }
}

}  // namespace
}  // namespace offloader::local_executor
