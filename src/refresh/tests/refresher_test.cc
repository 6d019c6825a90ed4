#include "world.h"

namespace offloader::refresh {
namespace {

using std::chrono::seconds;

TEST(Refresher, Refresh_NewerSnapshot_ReplacesTheServingOne) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  EXPECT_EQ(world.served("orders"), "s1");
  world.offer("orders", "s2");
  world.clock.advance(seconds(61));
  world.refresher->wake();
  world.await_active("orders", "s2");
  EXPECT_EQ(world.status("orders").previous->snapshot_id, "s1");
}

TEST(Refresher, Refresh_SeveralSnapshots_KeepsOnePreviousOnDisk) {
  World world(project_of({"orders"}));
  world.start();
  for (const char* id : {"s1", "s2", "s3", "s4"}) {
    world.offer("orders", id);
    EXPECT_EQ(world.force("orders").status, Outcome::ok);
  }
  world.await_files("orders", ".duckdb", 2);
  EXPECT_EQ(world.status("orders").previous->snapshot_id, "s3");
}

TEST(Refresher, Retire_SnapshotStillRead_KeepsItsFileUntilReleased) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  auto reader = world.publication->latest();
  for (const char* id : {"s2", "s3"}) {
    world.offer("orders", id);
    world.force("orders");
  }
  EXPECT_EQ(world.files("orders", ".duckdb").size(), 3U);
  reader.reset();
  world.await_files("orders", ".duckdb", 2);
}

TEST(Refresher, Rollback_Restarted_KeepsSnapshotAndQuarantine) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  EXPECT_EQ(world.refresher->rollback("orders").error().code, ErrorCode::conflict);
  world.offer("orders", "s2");
  world.force("orders");
  const auto report = world.refresher->rollback("orders");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->active_snapshot, "s1");
  EXPECT_EQ(report->previous_snapshot, "s2");
  EXPECT_EQ(report->quarantined_snapshot_id, "s2");
  EXPECT_EQ(world.served("orders"), "s1");

  const int builds = world.executor.builds();
  world.restart();
  EXPECT_EQ(world.served("orders"), "s1");
  world.await([&] { return world.status("orders").last_attempted.has_value(); });
  EXPECT_EQ(world.status("orders").last_attempted->status, Outcome::unchanged);
  EXPECT_EQ(world.status("orders").quarantined_snapshot_id, "s2");
  EXPECT_EQ(world.status("orders").previous->snapshot_id, "s2");
  EXPECT_EQ(world.executor.builds(), builds);

  EXPECT_EQ(world.force("orders").status, Outcome::ok);
  EXPECT_EQ(world.served("orders"), "s2");
  EXPECT_EQ(world.status("orders").quarantined_snapshot_id, "");
}

TEST(Refresher, Refresh_SeveralWhileOneRuns_AreMergedIntoOne) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.executor.hold("s1");
  world.start();
  world.executor.wait_until_building("s1");
  std::mutex mutex;
  std::condition_variable arrived;
  int reports = 0;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(world.refresher->refresh("orders", [&](const RefreshReport& report) {
      const std::lock_guard lock(mutex);
      EXPECT_EQ(report.status, Outcome::ok);
      ++reports;
      arrived.notify_all();
    }));
  }
  world.executor.let_go("s1");
  std::unique_lock lock(mutex);
  arrived.wait(lock, [&] { return reports == 5; });
  EXPECT_EQ(world.executor.builds(), 2);
  EXPECT_FALSE(world.refresher->refresh("unknown", {}));
}

TEST(Refresher, Refresh_SourceHangs_DelaysNoOtherDataset) {
  auto project = project_of({"hung", "orders"});
  project.datasets.at("hung").origin = catalog::StaticManifest{"s3://bucket/manifest.json"};
  World world(project);
  world.store.hanging.insert("s3://bucket/manifest.json");
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  EXPECT_EQ(world.served("hung"), "not ready");
  EXPECT_THAT(world.publication->latest()->waiting(), testing::ElementsAre("hung"));
}

TEST(Refresher, Refresh_RejectedSnapshot_KeepsServingAndIsNotRetried) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  world.offer("orders", "s2", R"(,"data_quality_status":"failed")");
  world.clock.advance(seconds(61));
  world.refresher->wake();
  world.await([&] { return !world.status("orders").manifest_valid; });
  const auto refused = world.status("orders");
  EXPECT_EQ(refused.last_attempted->status, Outcome::rejected);
  EXPECT_THAT(refused.refresh_error, testing::StartsWith("quality_failed"));
  EXPECT_EQ(world.served("orders"), "s1");
  const auto at = refused.last_attempted->at;
  world.clock.advance(seconds(61));
  world.refresher->wake();
  world.await([&] { return world.status("orders").next_attempt_at > refused.next_attempt_at; });
  EXPECT_EQ(world.status("orders").last_attempted->at, at);
  EXPECT_EQ(world.force("orders").status, Outcome::rejected);
}

TEST(Refresher, Refresh_ChangedManifestWithTheServingId_IsUnchangedWithOneWarning) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  const auto pass_an_interval = [&] {
    const auto before = world.status("orders").next_attempt_at;
    world.clock.advance(seconds(61));
    world.refresher->wake();
    world.await([&] { return world.status("orders").next_attempt_at > before; });
    EXPECT_EQ(world.status("orders").last_attempted->status, Outcome::unchanged);
    return world.status("orders").refresh_error;
  };
  const auto warnings = [&] { return world.log.all_with("reuses the id of the serving snapshot").size(); };
  EXPECT_EQ(pass_an_interval(), "");
  world.offer("orders", "s1", R"(,"run":2)");  // the same data
  EXPECT_EQ(pass_an_interval(), "");
  EXPECT_EQ(warnings(), 0U);

  const std::string concern =
      "the manifest changed but names the serving snapshot: give each snapshot its own snapshot_id";
  world.offer("orders", "s1", R"(,"data_quality_status":"warning")");
  EXPECT_EQ(pass_an_interval(), concern);
  EXPECT_EQ(pass_an_interval(), concern);
  EXPECT_EQ(warnings(), 1U);
  world.offer("orders", "s1", R"(,"data_quality_status":"warning","run":3)");
  EXPECT_EQ(pass_an_interval(), concern);
  EXPECT_EQ(warnings(), 2U);
  world.restart();
  world.await([&] { return world.status("orders").last_attempted.has_value(); });
  EXPECT_EQ(world.status("orders").refresh_error, concern);
  world.offer("orders", "s1");
  EXPECT_EQ(pass_an_interval(), "");
}

TEST(Refresher, Refresh_MissingFileOrManifest_IsRejectedOrFails) {
  World world(project_of({"gone", "orders"}));
  world.offer("orders", "s1");
  fs::remove(world.project_folder() / "orders.csv");
  world.start();
  const auto report = world.force("orders");
  EXPECT_EQ(report.status, Outcome::rejected);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].code, "missing_file");
  EXPECT_EQ(world.force("gone").status, Outcome::failed);
  EXPECT_FALSE(world.status("gone").source_reachable);
}

TEST(Refresher, Refresh_ManifestChangesDuringBuild_Fails) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.executor.while_building([&] { world.offer("orders", "s2"); });
  world.start();
  world.await([&] { return world.status("orders").last_attempted.has_value(); });
  EXPECT_EQ(world.status("orders").last_attempted->status, Outcome::failed);
  EXPECT_THAT(world.status("orders").refresh_error, testing::HasSubstr("changed while it was read"));
  EXPECT_TRUE(world.status("orders").manifest_valid);
  EXPECT_TRUE(world.files("orders", ".duckdb").empty());
}

TEST(Refresher, Refresh_NoDiskSpace_FailsBeforeBuilding) {
  World world(project_of({"orders"}));
  world.options.free_bytes = [] { return 10; };
  world.offer("orders", "s1");
  world.start();
  world.await([&] { return world.status("orders").last_attempted.has_value(); });
  EXPECT_EQ(world.status("orders").last_attempted->status, Outcome::failed);
  EXPECT_EQ(world.executor.builds(), 0);
}

TEST(Refresher, Refresh_Failure_BacksOffUntilSuccess) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.executor.fail_next({{ErrorCode::internal, "engine error", {}}, {}});
  world.start();
  world.await([&] { return world.status("orders").last_attempted.has_value(); });
  const auto failed = world.status("orders");
  EXPECT_EQ(failed.last_attempted->status, Outcome::failed);
  EXPECT_EQ(*failed.next_attempt_at - world.clock.now(), seconds(60));
  world.clock.advance(seconds(61));
  world.refresher->wake();
  world.await_active("orders", "s1");
}

TEST(Refresher, Stop_BuildRunning_RemovesItsPartialFile) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.executor.hold("s1");
  world.start();
  world.executor.wait_until_building("s1");
  world.refresher->stop();
  EXPECT_TRUE(world.files("orders", ".duckdb").empty());
}

TEST(Refresher, ReportCorrupt_PreviousAvailable_ServesItAndRebuilds) {
  World world(project_of({"orders"}));
  world.start_with_previous("orders");
  world.executor.hold("s2");
  const auto damaged = world.publication->latest()->snapshots.at("orders").local->data->id();
  world.refresher->report_corrupt("orders", damaged);
  EXPECT_EQ(world.served("orders"), "s1");
  EXPECT_EQ(world.files("orders", ".corrupt").size(), 1U);
  world.executor.wait_until_building("s2");
  world.executor.let_go("s2");
  world.await_active("orders", "s2");
}

}  // namespace
}  // namespace offloader::refresh
