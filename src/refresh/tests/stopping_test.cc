// Whoever asks a refresher that stops, or has stopped, is answered.
#include "world.h"

namespace offloader::refresh {
namespace {

using ::testing::HasSubstr;

TEST(Stopping, AReloadThatIsAskedForAfterwards_IsAnsweredAtOnce) {
  World world(project_of({"orders"}));
  world.start();
  world.refresher->stop();
  std::optional<ReloadReport> report;
  world.refresher->reload([&](ReloadReport given) { report = std::move(given); });
  ASSERT_TRUE(report) << "nobody is left to answer later";
  EXPECT_EQ(report->result, ReloadReport::Result::error);
  EXPECT_THAT(report->error, HasSubstr("shutting down"));
}

TEST(Stopping, ReloadsThatAreAskedForMeanwhile_AreAllAnswered) {
  World world(project_of({"orders"}));
  world.start();
  std::atomic<int> asked{0};
  std::atomic<int> answered{0};
  std::atomic<bool> stopped{false};
  std::thread asking([&] {
    while (!stopped) {
      ++asked;
      world.refresher->reload([&](const ReloadReport&) { ++answered; });
    }
  });
  world.await([&] { return asked > 10; });
  world.refresher->stop();
  stopped = true;
  asking.join();
  EXPECT_EQ(answered.load(), asked.load());
}

}  // namespace
}  // namespace offloader::refresh
