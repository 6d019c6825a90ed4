// An exception on a thread of the refresher fails one attempt of one dataset, and nothing else.
#include <future>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>

#include "world.h"

namespace offloader::refresh {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(RefreshExceptions, Build_Throws_FailsItsDatasetAndLeavesNoFiles) {
  World world(project_of({"orders", "sales"}));
  world.offer("orders", "o1");
  world.offer("sales", "s1");
  std::atomic<bool> throws{true};
  world.executor.while_building([&] {
    if (throws.exchange(false)) throw std::bad_alloc();
  });
  world.start();
  world.await([&] { return world.status("orders").active || world.status("sales").active; });
  world.await([&] { return world.status("orders").last_attempted && world.status("sales").last_attempted; });
  const bool orders_failed = world.status("orders").last_attempted->status == Outcome::failed;
  const std::string failed = orders_failed ? "orders" : "sales";
  EXPECT_EQ(world.status(failed).last_attempted->status, Outcome::failed);
  EXPECT_THAT(world.status(failed).refresh_error, HasSubstr("memory"));
  EXPECT_THAT(world.files(failed, ".duckdb"), IsEmpty());
  EXPECT_THAT(world.log.lines_with("bad_alloc"), Not(IsEmpty()));
  EXPECT_EQ(world.force(failed).status, Outcome::ok) << "and is tried again";
}

TEST(RefreshExceptions, Resolve_Throws_FailsItsDatasetOnly) {
  auto project = project_of({"orders", "sales"});
  project.datasets["orders"].origin = catalog::StaticManifest{"https://files.example/orders.json"};
  World world(project);
  world.offer("sales", "s1");
  world.store.throwing.insert("https://files.example/orders.json");
  world.start();
  world.await([&] { return world.status("orders").last_attempted && world.status("sales").active; });
  EXPECT_EQ(world.status("orders").last_attempted->status, Outcome::failed);
  EXPECT_EQ(world.force("orders").status, Outcome::failed) << "whoever asks is answered";
  EXPECT_EQ(world.force("sales").status, Outcome::ok);
}

TEST(RefreshExceptions, Reload_LoadThrows_FailsAndKeepsTheRunningProject) {
  World world(project_of({"orders"}));
  world.offer("orders", "o1");
  world.start();
  world.await([&] { return world.status("orders").active.has_value(); });
  world.project->throw_next();
  const ReloadReport report = world.refresher->reload_and_wait();
  EXPECT_EQ(report.result, ReloadReport::Result::error);
  EXPECT_FALSE(world.refresher->status().config_sync.ok);
  EXPECT_TRUE(world.status("orders").active.has_value());
  EXPECT_EQ(world.reload(project_of({"orders"}, "v2")).result, ReloadReport::Result::applied);
}

TEST(RefreshExceptions, Reload_ApplyThrows_ChangesNothingUntilTheNextCheck) {
  World world(project_of({"gone", "orders"}));
  world.offer("gone", "g1");
  world.offer("orders", "o1");
  world.start();
  world.await_active("gone", "g1");
  world.await_active("orders", "o1");
  world.offer("sales", "s1");
  world.metrics.throws = true;
  EXPECT_EQ(world.reload(project_of({"orders", "sales"}, "v2")).result, ReloadReport::Result::error);
  EXPECT_EQ(world.served("gone"), "g1");
  EXPECT_EQ(world.served("sales"), "no endpoint");
  EXPECT_EQ(world.force("orders").status, Outcome::ok);
  world.metrics.throws = false;
  EXPECT_EQ(world.refresher->reload_and_wait().result, ReloadReport::Result::applied);
  world.await([&] { return world.served("sales") == "s1"; });
  EXPECT_EQ(world.served("gone"), "no endpoint");
}

// Starts the world. The next publication after `armed` was set throws.
void start_with_throwing_publication(World& world, std::atomic<bool>& armed) {
  ASSERT_NO_FATAL_FAILURE(world.compose());
  world.publication->set_nudge([&] {
    if (armed.exchange(false)) throw std::bad_alloc();
  });
  ASSERT_TRUE(world.refresher->start());
}

TEST(RefreshExceptions, Reload_PublishingThrows_ReportsAppliedAndPublishesLater) {
  std::atomic<bool> armed{false};
  World world(project_of({"gone", "orders"}));
  world.offer("gone", "g1");
  world.offer("orders", "o1");
  world.offer("sales", "s1");
  start_with_throwing_publication(world, armed);
  world.await_active("gone", "g1");
  world.await_active("orders", "o1");
  armed = true;
  EXPECT_EQ(world.reload(project_of({"orders", "sales"}, "v2")).result, ReloadReport::Result::applied);
  EXPECT_FALSE(armed) << "publishing threw";
  const auto sync = world.refresher->status().config_sync;
  EXPECT_TRUE(sync.ok);
  EXPECT_EQ(sync.result, "applied");
  EXPECT_TRUE(sync.last_applied);
  EXPECT_THAT(world.log.lines_with("bad_alloc"), SizeIs(1));
  EXPECT_THAT(world.log.lines_with("previous configuration"), IsEmpty());
  world.await([&] { return world.served("sales") == "s1" && world.served("gone") == "no endpoint"; });
  EXPECT_EQ(world.refresher->reload_and_wait().result, ReloadReport::Result::unchanged);
}

TEST(RefreshExceptions, Rollback_PublishingThrows_SucceedsAndPublishesLater) {
  std::atomic<bool> armed{false};
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  start_with_throwing_publication(world, armed);
  world.await_active("orders", "s1");
  world.offer("orders", "s2");
  ASSERT_EQ(world.force("orders").status, Outcome::ok);
  armed = true;
  const auto report = world.refresher->rollback("orders");
  EXPECT_FALSE(armed) << "publishing threw";
  ASSERT_TRUE(report);
  EXPECT_EQ(report->active_snapshot, "s1");
  EXPECT_EQ(report->previous_snapshot, "s2");
  EXPECT_EQ(report->quarantined_snapshot_id, "s2");
  EXPECT_EQ(world.status("orders").active->snapshot_id, "s1");
  EXPECT_THAT(world.log.lines_with("bad_alloc"), SizeIs(1));
  world.await([&] { return world.served("orders") == "s1"; });
}

TEST(RefreshExceptions, ReportCorrupt_PublishingThrows_RebuildsAtOnce) {
  std::atomic<bool> armed{false};
  World world(project_of({"orders"}));
  world.options.refresh_interval = std::chrono::hours(1);
  world.offer("orders", "s1");
  start_with_throwing_publication(world, armed);
  world.await_active("orders", "s1");
  const auto damaged = world.publication->latest()->snapshots.at("orders").local->data->id();
  armed = true;
  world.refresher->report_corrupt("orders", damaged);
  EXPECT_FALSE(armed) << "publishing threw";
  world.await_active("orders", "s1");
  EXPECT_NE(world.publication->latest()->snapshots.at("orders").local->data->id(), damaged);
}

TEST(RefreshExceptions, Report_CallbackThrows_OthersAreStillDelivered) {
  World world(project_of({"orders"}));
  world.offer("orders", "o1");
  world.start();
  world.await([&] { return world.status("orders").active.has_value(); });
  ASSERT_TRUE(
      world.refresher->refresh("orders", [](const RefreshReport&) { throw std::runtime_error("gone"); }));
  EXPECT_EQ(world.force("orders").status, Outcome::ok);
  EXPECT_EQ(world.force("orders").status, Outcome::ok);
}

TEST(RefreshExceptions, ReloadReport_CallbackThrows_OthersAreStillDelivered) {
  World world(project_of({"orders"}));
  world.start();
  // Holds the watch's thread, so that one check answers both of the next requests.
  std::promise<void> both_pending;
  world.refresher->reload([&](const ReloadReport&) { both_pending.get_future().wait(); });
  world.refresher->reload([](const ReloadReport&) { throw std::runtime_error("gone"); });
  auto promise = std::make_shared<std::promise<ReloadReport>>();
  auto report = promise->get_future();
  world.refresher->reload(
      [given = std::exchange(promise, nullptr)](const ReloadReport& done) { given->set_value(done); });
  both_pending.set_value();
  EXPECT_NO_THROW(static_cast<void>(report.get()));
  EXPECT_THAT(world.log.lines_with("gone"), SizeIs(1));
}

TEST(RefreshExceptions, ReloadReport_CallbackThrowsDuringStop_OthersAreStillDelivered) {
  World world(project_of({"orders"}));
  world.start();
  std::promise<void> stopping;
  world.refresher->reload([&](const ReloadReport&) { stopping.get_future().wait(); });
  std::atomic<bool> reported{false};
  world.refresher->reload([](const ReloadReport&) { throw std::runtime_error("gone"); });
  world.refresher->reload([&](const ReloadReport&) { reported = true; });
  std::thread stop([&] { world.refresher->stop(); });
  // Once the refresher is stopping, a reload is answered on the caller's thread.
  std::atomic<bool> answered{false};
  world.await([&] {
    world.refresher->reload([&](const ReloadReport&) { answered = true; });
    return answered.load();
  });
  stopping.set_value();
  stop.join();
  EXPECT_TRUE(reported);
}

// The held build waits for its store as a real executor's build does.
TEST(SlowSource, Build_WaitsForItsStore_DoesNotDelayAnother) {
  World world(project_of({"orders", "sales"}));
  world.options.build_patience = std::chrono::milliseconds(5);
  world.executor.hold("slow");
  world.executor.wait_for_store_in("slow");
  world.offer("orders", "slow");
  world.start();
  world.executor.wait_until_building("slow");
  world.offer("sales", "s1");
  EXPECT_EQ(world.force("sales").status, Outcome::ok);
  EXPECT_FALSE(world.status("orders").active.has_value());
  EXPECT_TRUE(world.status("orders").building.has_value()) << "and is still at it";
  world.executor.let_go("slow");
  world.await([&] { return world.status("orders").active.has_value(); });
}

TEST(SlowSource, Build_NoRoomToSuspend_FailsAndSaysWhy) {
  World world(project_of({"orders", "sales"}));
  world.options.build_patience = std::chrono::milliseconds(5);
  world.options.suspended_builds = 0;
  world.executor.hold("slow");
  world.executor.wait_for_store_in("slow");
  world.offer("orders", "slow");
  world.start();
  world.executor.wait_until_building("slow");
  world.offer("sales", "s1");
  // One worker runs the slow build; the next one waits for its slot.
  ASSERT_TRUE(world.refresher->refresh("sales", {}));
  world.await([&] { return world.status("sales").active.has_value(); });
  EXPECT_EQ(world.status("orders").last_attempted->status, Outcome::failed);
  EXPECT_THAT(world.status("orders").refresh_error, HasSubstr("store"));
  EXPECT_TRUE(world.status("orders").next_attempt_at.has_value());
}

}  // namespace
}  // namespace offloader::refresh
