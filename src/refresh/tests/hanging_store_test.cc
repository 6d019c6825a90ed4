// A store that hangs must neither use up threads nor delay other datasets.
#include <cstdio>
#include <filesystem>
#include <iterator>

#include "world.h"

namespace offloader::refresh {
namespace {

using std::chrono::seconds;

constexpr int kHanging = 300;
constexpr int kSound = 20;

std::size_t threads_of_this_process() {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator()));
}

class HangingStoreTest : public ::testing::Test {
 protected:
  static catalog::Catalog project() {
    std::vector<std::string> ids;
    for (int i = 0; i < kHanging; ++i) ids.push_back("hung_" + std::to_string(i));
    for (int i = 0; i < kSound; ++i) ids.push_back(sound(i));
    auto made = project_of(ids);
    for (int i = 0; i < kHanging; ++i) {
      const std::string id = "hung_" + std::to_string(i);
      made.datasets.at(id).origin = catalog::StaticManifest{"https://hangs.example/" + id + ".json"};
    }
    return made;
  }
  static std::string sound(int i) { return "sound_" + std::to_string(i); }
  void offer_all(const std::string& snapshot) {
    for (int i = 0; i < kSound; ++i) world_.offer(sound(i), snapshot);
  }
  void await_all(const std::string& snapshot) {
    for (int i = 0; i < kSound; ++i) world_.await_active(sound(i), snapshot);
  }

  World world_{project()};
};

TEST_F(HangingStoreTest, Refresh_ThreeHundredHangingDatasets_DelayNoOther) {
  world_.store.hanging_below = "https://hangs.example/";
  offer_all("s1");
  world_.start();
  await_all("s1");
  for (const char* snapshot : {"s2", "s3", "s4"}) {
    offer_all(snapshot);
    world_.clock.advance(seconds(61));
    world_.refresher->wake();
    // The clock does not move meanwhile, so each dataset is refreshed when it is due, or never.
    await_all(snapshot);
    EXPECT_LT(threads_of_this_process(), 40U);
  }
  EXPECT_GT(world_.store.calls_hanging, 5) << "the store hung all the while";
  const auto begun = std::chrono::steady_clock::now();
  world_.refresher->stop();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  // The store lets go only of calls that are cancelled, so without that, stop() would not return at all.
  EXPECT_LT(taken, seconds(60));
  std::printf("stopping took %.3f s\n", taken.count());
  EXPECT_EQ(world_.store.calls_hanging, 0);
}

}  // namespace
}  // namespace offloader::refresh
