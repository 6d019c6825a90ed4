// Walks by cursor while snapshots are swapped, rolled back and quarantined (consumer-api.md, "Cursors").

#include <algorithm>
#include <map>

#include "cursor_walks.h"

namespace offloader::app {
namespace {

using nlohmann::json;

class CursorSwap : public CursorWalks {
 protected:
  // Begins a walk over each endpoint: two pages.
  std::vector<Walk> begin_walks(std::size_t size) {
    std::vector<Walk> walks;
    for (const std::string& endpoint : items::endpoints()) {
      walks.push_back(walk_of(endpoint));
      for (int i = 0; i < 2 && !HasFatalFailure(); ++i) advance(walks.back(), size);
    }
    return walks;
  }
  std::mt19937_64 random_{7};
};

// How often each row occurs.
std::map<json, int> counts_of(const json& rows) {
  std::map<json, int> counts;
  for (const json& row : rows) ++counts[row];
  return counts;
}

TEST_P(CursorSwap, Walk_OneSwap_GoesOnInThePreviousSnapshot) {
  ASSERT_NO_FATAL_FAILURE(begin(items::random_items(2, 120)));
  std::vector<Walk> walks = begin_walks(3);
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_NO_FATAL_FAILURE(publish(changed(rows(), random_)));
  for (Walk& walk : walks) {
    ASSERT_NO_FATAL_FAILURE(finish(walk, 4));
    EXPECT_EQ(walk.given, whole("s1", walk.endpoint));
    EXPECT_EQ(walk.moves, 0);
  }
}

TEST_P(CursorSwap, Walk_TwoSwaps_GoesOnInTheNewSnapshotFromItsKeys) {
  ASSERT_NO_FATAL_FAILURE(begin(items::random_items(3, 120)));
  for (std::size_t size = 1; size <= 4; ++size) {
    const std::string before = active();
    std::vector<Walk> walks = begin_walks(size);
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_NO_FATAL_FAILURE(publish(changed(rows(), random_)));
    ASSERT_NO_FATAL_FAILURE(publish(changed(rows(), random_)));
    for (Walk& walk : walks) {
      ASSERT_NO_FATAL_FAILURE(finish(walk, size + 1));
      EXPECT_EQ(walk.moves, 1) << walk.endpoint;
      // Rows that both snapshots have come as often as they do, and no row comes that none of them has.
      const auto old_rows = counts_of(whole(before, walk.endpoint));
      const auto new_rows = counts_of(whole(active(), walk.endpoint));
      auto given = counts_of(walk.given);
      for (const auto& [row, count] : old_rows) {
        const auto found = new_rows.find(row);
        if (found == new_rows.end()) continue;
        EXPECT_GE(given[row], std::min(count, found->second)) << walk.endpoint << row;
        EXPECT_LE(given[row], std::max(count, found->second)) << walk.endpoint << row;
      }
      for (const auto& [row, count] : given)
        EXPECT_TRUE(old_rows.contains(row) || new_rows.contains(row)) << walk.endpoint << row;
    }
  }
}

TEST_P(CursorSwap, Walk_TheRowsGivenLastAreGone_GoesOnAfterWhereTheyWere) {
  ASSERT_NO_FATAL_FAILURE(begin(items::random_items(4, 80)));
  std::vector<Walk> walks = begin_walks(5);
  ASSERT_FALSE(HasFatalFailure());
  const std::vector<items::Item> others = items::random_items(5, 80);
  ASSERT_NO_FATAL_FAILURE(publish(others));
  ASSERT_NO_FATAL_FAILURE(publish(others));
  for (Walk& walk : walks) ASSERT_NO_FATAL_FAILURE(finish(walk, 3));
}

TEST_P(CursorSwap, Walk_NothingIsLeft_EndsWithAnEmptyPage) {
  ASSERT_NO_FATAL_FAILURE(begin(items::random_items(6, 60)));
  std::vector<Walk> walks = begin_walks(2);
  ASSERT_FALSE(HasFatalFailure());
  items::Item other;
  other.tenant = "b";
  other.id = "00000000-0000-4000-8000-000000000000";
  ASSERT_NO_FATAL_FAILURE(publish({other}));
  ASSERT_NO_FATAL_FAILURE(publish({other}));
  for (Walk& walk : walks) {
    ASSERT_NO_FATAL_FAILURE(advance(walk, 3));
    EXPECT_TRUE(walk.ended);
    EXPECT_EQ(walk.moves, 1);
  }
}

TEST_P(CursorSwap, Walk_RolledBack_GoesOnInTheSnapshotThatServesAgain) {
  ASSERT_NO_FATAL_FAILURE(begin(items::random_items(8, 100)));
  std::vector<Walk> old_walks = begin_walks(3);
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_NO_FATAL_FAILURE(publish(changed(rows(), random_)));
  std::vector<Walk> new_walks = begin_walks(3);
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_NO_FATAL_FAILURE(go_back());
  for (Walk& walk : old_walks) {
    ASSERT_NO_FATAL_FAILURE(finish(walk, 2));
    EXPECT_EQ(walk.given, whole("s1", walk.endpoint));
  }
  // The snapshot that was rolled back is the previous one, but it is quarantined.
  for (Walk& walk : new_walks) {
    ASSERT_NO_FATAL_FAILURE(advance(walk, 2));
    EXPECT_EQ(walk.snapshot, "s1");
    EXPECT_EQ(walk.moves, 1);
    ASSERT_NO_FATAL_FAILURE(finish(walk, 2));
  }
}

TEST_P(CursorSwap, Walk_RolledBackAndForth_MovesEachTime) {
  ASSERT_NO_FATAL_FAILURE(begin(items::random_items(9, 100)));
  std::vector<Walk> walks = begin_walks(2);
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_NO_FATAL_FAILURE(publish(changed(rows(), random_)));
  for (int i = 0; i < 4; ++i) {
    ASSERT_NO_FATAL_FAILURE(go_back(true));
    for (Walk& walk : walks) {
      if (walk.ended) continue;
      ASSERT_NO_FATAL_FAILURE(advance(walk, 2));
    }
  }
  for (Walk& walk : walks) {
    EXPECT_EQ(walk.moves, 3) << walk.endpoint;
    ASSERT_NO_FATAL_FAILURE(finish(walk, 2));
  }
}

TEST_P(CursorSwap, Strict_SnapshotIsGone_Is410) {
  ASSERT_NO_FATAL_FAILURE(begin(items::random_items(10, 60)));
  Walk walk = walk_of("strict");
  ASSERT_NO_FATAL_FAILURE(advance(walk, 5));
  const std::string cursor = walk.cursor;
  ASSERT_NO_FATAL_FAILURE(publish(changed(rows(), random_)));
  ASSERT_NO_FATAL_FAILURE(finish(walk, 5));
  EXPECT_EQ(walk.given, whole("s1", "strict"));

  // The snapshot that is rolled back is quarantined.
  const std::string newer = cursor_after("strict", "limit=5");
  ASSERT_NO_FATAL_FAILURE(go_back());
  EXPECT_EQ(get("strict", "cursor=" + cursor).status, 200);
  const Answer quarantined = get("strict", "cursor=" + newer);
  EXPECT_EQ(quarantined.status, 410) << quarantined.body;
  EXPECT_EQ(parsed(quarantined)["error"]["family"], "cursor_expired");
  EXPECT_EQ(quarantined.headers.at("cache-control"), "no-store");

  ASSERT_NO_FATAL_FAILURE(publish(changed(rows(), random_)));
  EXPECT_EQ(get("strict", "cursor=" + cursor).status, 200);
  ASSERT_NO_FATAL_FAILURE(publish(changed(rows(), random_)));
  EXPECT_EQ(get("strict", "cursor=" + cursor).status, 410);
  EXPECT_EQ(get("strict", "limit=3&cursor=" + cursor_after("strict", "limit=5")).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Engines, CursorSwap, ::testing::Bool(), engine_name);

}  // namespace
}  // namespace offloader::app
