// Every request to a refresher that stops, or has stopped, gets a report.
#include "world.h"

namespace offloader::refresh {
namespace {

using ::testing::HasSubstr;

TEST(Stopping, Reload_AfterStop_FailsAtOnce) {
  World world(project_of({"orders"}));
  world.start();
  world.refresher->stop();
  std::optional<ReloadReport> report;
  world.refresher->reload([&](ReloadReport given) { report = std::move(given); });
  ASSERT_TRUE(report) << "nobody is left to answer later";
  EXPECT_EQ(report->result, ReloadReport::Result::error);
  EXPECT_THAT(report->error, HasSubstr("shutting down"));
}

TEST(Stopping, Reload_DuringStop_IsAlwaysAnswered) {
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

// Returns one of two alternating revisions, each of which supersedes the attempts of the other.
catalog::Catalog revision(int number) {
  auto made = project_of({"orders", "users"}, "v" + std::to_string(number));
  for (auto& [id, dataset] : made.datasets)
    dataset.origin = catalog::StaticManifest{"https://hangs.example/" + std::to_string(number % 2)};
  return made;
}

TEST(Stopping, Stop_ReloadsCancelAttempts_EndsAllOfThem) {
  World world(revision(0));
  world.store.hanging_below = "https://hangs.example/";
  world.start();
  std::atomic<int> asked{0};
  std::atomic<int> answered{0};
  std::atomic<bool> stopped{false};
  std::thread reloading([&] {
    for (int number = 1; !stopped; ++number) {
      world.project->set({.catalog = std::make_shared<catalog::Catalog>(revision(number)),
                          .findings = {},
                          .root = {},
                          .datasets = {},
                          .allowed_origins = {}});
      ++asked;
      world.refresher->reload([&](const ReloadReport&) { ++answered; });
      while (answered < asked) std::this_thread::yield();
    }
  });
  world.await([&] { return answered > 10 && world.store.calls_hanging > 0; });
  world.refresher->stop();
  stopped = true;
  reloading.join();
  EXPECT_EQ(answered.load(), asked.load());
  EXPECT_EQ(world.store.calls_hanging, 0) << "no attempt was left to its deadline";
}

TEST(Stopping, Stop_RefreshPending_ReportsFailure) {
  World world(revision(0));
  world.store.hanging_below = "https://hangs.example/";
  world.start();
  world.await([&] { return world.store.calls_hanging > 0; });
  std::atomic<int> failed{0};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(world.refresher->refresh("orders", [&](const RefreshReport& report) {
      if (report.status == Outcome::failed) ++failed;
    }));
  }
  world.refresher->stop();
  EXPECT_EQ(failed, 3);
  EXPECT_FALSE(world.refresher->refresh("orders", {})) << "nothing begins any more";
}

TEST(Stopping, RefreshAndWait_AfterStop_SaysThatTheServerStops) {
  World world(project_of({"orders"}));
  world.start();
  world.refresher->stop();
  const auto report = world.refresher->refresh_and_wait("orders");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::unavailable);
  EXPECT_THAT(report.error().message, HasSubstr("shutting down"));
  const auto unknown = world.refresher->refresh_and_wait("other");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace offloader::refresh
