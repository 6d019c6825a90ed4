// Pages by cursor through the running server (consumer-api.md, "Cursors").

#include "cursor_scene.h"

namespace offloader::app {
namespace {

class CursorPages : public CursorScene {};

TEST_P(CursorPages, Walk_EveryPageSize_GivesEveryRowOnce) {
  ASSERT_NO_FATAL_FAILURE(start(items::random_items(1, 120)));
  for (const std::string& endpoint : items::endpoints()) {
    const json whole = all(endpoint);
    ASSERT_TRUE(whole.is_array()) << whole;
    ASSERT_GT(whole.size(), 5U);
    for (std::size_t size = 1; size <= whole.size() + 1; size += 1 + size / 4) {
      const json rows = walk(endpoint, size);
      ASSERT_EQ(rows, whole) << endpoint << " by " << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, CursorPages, ::testing::Bool(), engine_name);

}  // namespace
}  // namespace offloader::app
