// Walks by cursor while snapshots come and go at random. The seed is printed; OFFLOADER_PROPERTY_SEED repeats
// one. With OFFLOADER_SOAK, for ten minutes.

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "cursor_walks.h"

namespace offloader::app {
namespace {

class CursorRandomSwaps : public CursorWalks {
 protected:
  // Runs a plan of operations over several walks at once.
  void run(std::uint64_t seed, int steps) {
    SCOPED_TRACE("OFFLOADER_PROPERTY_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
    const auto any_walk = [&] { return walk_of(items::endpoints()[below(items::endpoints().size())]); };
    std::vector<Walk> walks;
    for (int i = 0; i < 6; ++i) walks.push_back(any_walk());
    for (int i = 0; i < steps; ++i) {
      const std::size_t what = below(100);
      if (what < 6) {
        ASSERT_NO_FATAL_FAILURE(publish(changed(rows(), random)));
      } else if (what < 8) {
        ASSERT_NO_FATAL_FAILURE(publish(items::random_items(random(), 10 + static_cast<int>(below(150)))));
      } else if (what < 11 && can_go_back()) {
        ASSERT_NO_FATAL_FAILURE(go_back(true));
      } else {
        Walk& walk = walks[below(walks.size())];
        ASSERT_NO_FATAL_FAILURE(advance(walk, 1 + below(below(4) == 0 ? 40 : 6)));
        ++pages_;
        if (!walk.ended) continue;
        moves_ += walk.moves;
        walk = any_walk();
      }
    }
  }
  int pages_ = 0;
  int moves_ = 0;  // of walks that ended
};

TEST_P(CursorRandomSwaps, Walks_RandomSwapsAndRollbacks_GiveWhatTheSnapshotsHave) {
  const char* const given = std::getenv("OFFLOADER_PROPERTY_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(first));
  ASSERT_NO_FATAL_FAILURE(begin(items::random_items(first, 120)));
  const auto until = std::chrono::steady_clock::now() +
                     std::chrono::seconds(std::getenv("OFFLOADER_SOAK") != nullptr ? 300 : 0);
  for (std::uint64_t i = 0; i < 1 || std::chrono::steady_clock::now() < until; ++i)
    ASSERT_NO_FATAL_FAILURE(run(first + i, 400));
  std::printf("%d pages, %d of them after a change of the snapshot\n", pages_, moves_);
  EXPECT_GT(moves_, 0);
}

INSTANTIATE_TEST_SUITE_P(SoakEngines, CursorRandomSwaps, ::testing::Bool(), engine_name);

}  // namespace
}  // namespace offloader::app
