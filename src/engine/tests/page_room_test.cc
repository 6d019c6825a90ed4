// How much memory a page may ask for while it grows.
#include "page_room.h"

#include <gtest/gtest.h>

#include "engine_scene.h"

namespace offloader::engine {
namespace {

using catalog::ColumnType;

class PageRoom : public EngineScene {
 protected:
  // Almost five megabytes of rows, far fewer than the page may have.
  Result<Rows> page(std::size_t budget, bool index) {
    options_.use_index = index;
    options_.response_memory = std::make_shared<ByteBudget>(budget);
    engine_ = std::move(*Engine::open(options_, telemetry_));
    dataset_.schema = {{"n", ColumnType::bigint}, {"text", ColumnType::varchar}};
    EXPECT_TRUE(engine_->build(request(
        {parquet("a.parquet", "SELECT i AS n, repeat('x', 230) AS text FROM range(20000) r(i)")}, 20000)));
    const auto snapshot = engine_->attach({base()}, dataset_);
    auto plan = everything();
    plan.limit = 1'000'000;
    auto rows = run(plan, *snapshot);
    if (rows) {
      EXPECT_EQ(rows->row_count, 20000);
    }
    return rows;
  }
};

TEST_F(PageRoom, APageThatFitsIsServed_ThoughItMightHaveBeenLarger) {
  for (const bool index : {false, true}) {
    const auto rows = page(14 << 20, index);
    ASSERT_TRUE(rows) << rows.error().detail << " index " << index;
    EXPECT_GT(rows->json.size(), 4U << 20);
  }
}

TEST_F(PageRoom, APageThatDoesNotFit_IsRefused) {
  for (const bool index : {false, true}) {
    const auto rows = page(4 << 20, index);
    ASSERT_FALSE(rows) << "index " << index;
    EXPECT_EQ(rows.error().code, ErrorCode::no_memory);
  }
}

}  // namespace
}  // namespace offloader::engine
