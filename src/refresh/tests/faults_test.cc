// Faults around a refresh: the serving data stays, the outcome is correct, and the message says what to do.

#include "world.h"

namespace offloader::refresh {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

void overwrite(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
}

// Puts a folder in the place of a dataset's state file, so that it cannot be written, whatever the user's
// permissions.
void block_marks(const World& world) {
  const fs::path marks = world.cache() / "datasets" / "orders" / "state.json";
  fs::remove(marks);
  fs::create_directories(marks / "in the way");
}

TEST(Skip, Skip_ServingSnapshotWithoutPrevious_KeepsServingWithAWarning) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  EXPECT_EQ(world.status("orders").refresh_error, "");
  auto next = project_of({"orders"}, "v2");
  next.datasets.at("orders").skip_snapshots = {"s1"};
  world.reload(next);
  world.await([&] { return !world.log.lines_with("skip_snapshots").empty(); });
  EXPECT_THAT(world.log.lines_with("skip_snapshots")[0], HasSubstr("snapshot=s1"));
  EXPECT_THAT(world.status("orders").refresh_error, HasSubstr("no previous one to replace it"));
  EXPECT_EQ(world.force("orders").status, Outcome::unchanged);
  EXPECT_EQ(world.served("orders"), "s1");
  EXPECT_THAT(world.status("orders").refresh_error, HasSubstr("no previous one to replace it"));
  EXPECT_EQ(world.log.lines_with("skip_snapshots").size(), 1U) << "it is said once";
  world.offer("orders", "s2");
  EXPECT_EQ(world.force("orders").status, Outcome::ok);
  EXPECT_EQ(world.served("orders"), "s2");
  EXPECT_EQ(world.status("orders").refresh_error, "");
}

catalog::Catalog databricks_project(const std::string& pin = "", const std::vector<std::string>& skips = {}) {
  auto project = project_of({"orders"});
  auto& dataset = project.datasets.at("orders");
  catalog::DatabricksSource source;
  source.bucket = "s3://bucket";
  source.prefix = "export/";
  dataset.origin = source;
  dataset.pin_snapshot = pin;
  dataset.skip_snapshots = skips;
  return project;
}

constexpr const char* kPart = R"({"added":["part.parquet"],"removed":[]})";
constexpr const char* kNothing = R"({"added":[],"removed":["part.parquet"]})";

TEST(Databricks, Refresh_PinnedCommitMissing_NamesIt) {
  World world(databricks_project("tid_9"));
  world.store.objects["s3://bucket/export/_committed_1"] = kPart;
  world.start();
  const auto report = world.force("orders");
  EXPECT_EQ(report.status, Outcome::unchanged);
  EXPECT_THAT(report.error, HasSubstr("tid_9 is not in the export"));
  EXPECT_THAT(report.error, HasSubstr("pin_snapshot"));
  EXPECT_EQ(world.status("orders").refresh_error, report.error);
  world.store.objects["s3://bucket/export/_committed_9"] = kNothing;
  EXPECT_THAT(world.force("orders").error, HasSubstr("tid_9 adds no files"));
}

TEST(Databricks, Refresh_CommitWithoutFiles_KeepsTheCommitBefore) {
  World world(databricks_project());
  world.store.objects["s3://bucket/export/_committed_1"] = kPart;
  world.store.objects["s3://bucket/export/_committed_2"] = kNothing;
  world.start();
  world.await_active("orders", "tid_1");
  world.store.objects.erase("s3://bucket/export/_committed_1");
  EXPECT_THAT(world.force("orders").error, HasSubstr("no commit of the export adds any files"));
  EXPECT_EQ(world.served("orders"), "tid_1");
}

TEST(Databricks, Refresh_UnreadableCommit_FailsAndNamesIt) {
  World world(databricks_project());
  world.store.objects["s3://bucket/export/_committed_1"] = kPart;
  world.store.unreadable.insert("s3://bucket/export/_committed_1");
  world.start();
  const auto report = world.force("orders");
  EXPECT_EQ(report.status, Outcome::failed);
  EXPECT_THAT(report.error, HasSubstr("_committed_1 of the export cannot be read: "));
}

TEST(Databricks, Refresh_EmptyOrAllSkipped_GivesDifferentReasons) {
  World world(databricks_project("", {"tid_1"}));
  world.start();
  EXPECT_EQ(world.force("orders").error, "the source has no snapshot yet");
  world.store.objects["s3://bucket/export/_committed_1"] = kPart;
  EXPECT_EQ(world.force("orders").error, "every snapshot of the export is listed in skip_snapshots");
}

TEST(DiskRoom, Refresh_LocalFileOfUndeclaredSize_IsMeasured) {
  World world(project_of({"orders"}));
  world.options.free_bytes = [] { return 2 << 20; };
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  world.offer("orders", "s2");
  fs::resize_file(world.project_folder() / "orders.csv", 16 << 20);
  const int builds = world.executor.builds();
  const auto report = world.force("orders");
  EXPECT_EQ(report.status, Outcome::failed);
  EXPECT_THAT(report.error, HasSubstr("OFFLOADER_CACHE_DIR"));
  EXPECT_EQ(world.executor.builds(), builds) << "nothing was begun";
  EXPECT_EQ(world.served("orders"), "s1");
}

TEST(DiskRoom, Refresh_RemoteFilesOfUndeclaredSize_UseTheDeclaredTotal) {
  auto project = project_of({"orders"});
  project.datasets.at("orders").origin = catalog::StaticManifest{"s3://bucket/orders.json"};
  World world(project);
  world.options.free_bytes = [] { return 40 << 20; };
  world.offer("orders", "s1");
  auto manifest = read_file(world.project_folder() / "orders.json", 1 << 20).value();
  manifest.replace(manifest.find(R"("format":"csv")"), 14, R"("format":"parquet")");
  manifest.replace(manifest.find(R"("size_bytes":17)"), 15, R"("size_bytes":100000000)");
  world.store.objects["s3://bucket/orders.json"] = manifest;
  world.start();
  const auto report = world.force("orders");
  EXPECT_EQ(report.status, Outcome::failed);
  EXPECT_THAT(report.error, HasSubstr("no room"));
  EXPECT_EQ(world.executor.builds(), 0);
}

TEST(Queue, Status_QueuedBuild_IsNotShownAsBuilding) {
  World world(project_of({"first", "second"}));
  world.options.refresh_interval = seconds(0);
  world.start();
  world.await([&] {
    return world.status("first").last_attempted.has_value() &&
           world.status("second").last_attempted.has_value();
  });
  world.offer("first", "s1");
  world.offer("second", "s2");
  world.executor.hold("s1");
  world.executor.hold("s2");
  ASSERT_TRUE(world.refresher->refresh("first", {}));
  world.executor.wait_until_building("s1");
  EXPECT_TRUE(world.status("first").building);
  ASSERT_TRUE(world.refresher->refresh("second", {}));
  // Its source was read, so it is queued or about to be.
  world.await([&] { return world.status("second").source_reachable; });
  EXPECT_FALSE(world.status("second").building);
  world.executor.let_go("s1");
  world.executor.wait_until_building("s2");
  EXPECT_TRUE(world.status("second").building);
  world.executor.let_go("s2");
  world.await_active("second", "s2");
}

TEST(Corrupt, ReportCorrupt_StateNotWritable_ServesThePreviousSnapshot) {
  World world(project_of({"orders"}));
  world.start_with_previous("orders");
  block_marks(world);
  world.executor.hold("s2");
  world.refresher->report_corrupt("orders",
                                  world.publication->latest()->snapshots.at("orders").local->data->id());
  EXPECT_EQ(world.served("orders"), "s1");
  const auto said = world.log.lines_with("Cannot record the serving snapshot");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_THAT(said[0], HasSubstr("OFFLOADER_CACHE_DIR"));
  world.executor.let_go("s2");
}

TEST(Rollback, Rollback_StateNotWritable_FailsAndChangesNothing) {
  World world(project_of({"orders"}));
  world.start_with_previous("orders");
  block_marks(world);
  const auto report = world.refresher->rollback("orders");
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("OFFLOADER_CACHE_DIR"));
  EXPECT_EQ(world.served("orders"), "s2");
  EXPECT_EQ(world.status("orders").quarantined_snapshot_id, "");
  world.offer("orders", "s3");
  const auto refused = world.force("orders");
  EXPECT_EQ(refused.status, Outcome::failed);
  EXPECT_THAT(refused.error, HasSubstr("OFFLOADER_CACHE_DIR"));
  EXPECT_EQ(world.served("orders"), "s2");
  world.await_files("orders", ".duckdb", 2);  // the failed build is removed
}

TEST(WarmStart, Verify_DamageThatAttachingMisses_IsFoundWithoutARequest) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  const auto first = world.files("orders", ".duckdb").at(0);
  world.offer("orders", "s2");
  world.force("orders");
  world.stop();
  for (const auto& name : world.files("orders", ".duckdb")) {
    if (name != first) overwrite(world.cache() / "datasets" / "orders" / name, "snapshot S2");
  }
  world.executor.hold("s2");
  world.start();
  world.executor.wait_until_building("s2");
  EXPECT_EQ(world.served("orders"), "s1");
  EXPECT_EQ(world.files("orders", ".corrupt").size(), 1U);
  world.executor.let_go("s2");
  world.await_active("orders", "s2");
}

// `orders` is a local table; `live` and `feed` are remote scans, and the dataset of `feed` has no local
// table.
catalog::Catalog remote_project() {
  auto project = project_of({"orders", "feed"});
  catalog::Endpoint live = project.endpoints.at("orders");
  live.name = "live";
  live.serving_mode = catalog::ServingMode::remote_scan;
  project.endpoints["live"] = live;
  project.endpoints.at("feed").serving_mode = catalog::ServingMode::remote_scan;
  return project;
}

// Offers a snapshot whose data file has a name of its own.
void offer_file(const World& world, const std::string& dataset, const std::string& snapshot) {
  world.offer(dataset, snapshot);
  const std::string file = dataset + "-" + snapshot + ".csv";
  world.write(file, "id,amount\n1," + snapshot.substr(1) + "\n");
  auto manifest = read_file(world.project_folder() / (dataset + ".json"), 1 << 20).value();
  manifest.replace(manifest.find(dataset + ".csv"), dataset.size() + 4, file);
  world.write(dataset + ".json", manifest);
}

class RemoteRollback : public testing::Test {
 protected:
  // Rolls back both datasets: s1 serves, s2 is the quarantined previous snapshot.
  RemoteRollback() {
    for (const char* dataset : {"orders", "feed"}) offer_file(world_, dataset, "s1");
    world_.start();
    for (const char* dataset : {"orders", "feed"}) {
      EXPECT_EQ(world_.force(dataset).status, Outcome::ok);
      offer_file(world_, dataset, "s2");
      EXPECT_EQ(world_.force(dataset).status, Outcome::ok);
      EXPECT_TRUE(world_.refresher->rollback(dataset));
    }
    expect_served("s1");
  }
  void expect_served(const std::string& snapshot) {
    for (const char* endpoint : {"orders", "live", "feed"})
      EXPECT_EQ(world_.served(endpoint), snapshot) << endpoint;
  }
  void await_attempts() {
    world_.await([&] {
      return world_.status("orders").last_attempted.has_value() &&
             world_.status("feed").last_attempted.has_value();
    });
  }
  World world_{remote_project()};
};

TEST_F(RemoteRollback, Restart_FilesUnchanged_ServesRemoteScansAgain) {
  const int builds = world_.executor.builds();
  world_.restart();
  EXPECT_EQ(world_.served("orders"), "s1") << "before any source is asked";
  world_.await([&] { return world_.served("live") == "s1" && world_.served("feed") == "s1"; });
  await_attempts();
  expect_served("s1");
  for (const char* dataset : {"orders", "feed"}) {
    EXPECT_EQ(world_.status(dataset).quarantined_snapshot_id, "s2");
    EXPECT_EQ(world_.status(dataset).last_attempted->status, Outcome::unchanged);
    EXPECT_EQ(world_.status(dataset).previous->snapshot_id, "s2");
  }
  EXPECT_EQ(world_.executor.builds(), builds);
  EXPECT_TRUE(world_.publication->latest()->waiting().empty());
  // A forced rollback serves s2 again.
  for (const char* dataset : {"orders", "feed"}) {
    EXPECT_FALSE(world_.refresher->rollback(dataset));
    EXPECT_TRUE(world_.refresher->rollback(dataset, true));
  }
  expect_served("s2");
}

TEST_F(RemoteRollback, Restart_FilesChanged_DoesNotServeThem) {
  world_.stop();
  world_.write("orders-s1.csv", "id,amount\n1,100\n");
  world_.write("feed-s1.csv", "id,amount\n1,100\n");
  world_.start();
  await_attempts();
  EXPECT_EQ(world_.served("orders"), "s1");
  EXPECT_EQ(world_.served("live"), "not ready");
  EXPECT_EQ(world_.served("feed"), "not ready");
  EXPECT_FALSE(world_.status("feed").active);
  for (const char* dataset : {"orders", "feed"})
    EXPECT_THAT(world_.status(dataset).refresh_error, HasSubstr("have changed since it was activated"));
  // The next snapshot serves all endpoints.
  for (const char* dataset : {"orders", "feed"}) {
    offer_file(world_, dataset, "s3");
    EXPECT_EQ(world_.force(dataset).status, Outcome::ok);
  }
  expect_served("s3");
}

TEST_F(RemoteRollback, Restart_FilesUnreachable_RetriesLater) {
  world_.stop();
  fs::rename(world_.project_folder() / "feed-s1.csv", world_.project_folder() / "away.csv");
  world_.start();
  await_attempts();
  EXPECT_EQ(world_.served("feed"), "not ready");
  EXPECT_EQ(world_.status("feed").last_attempted->status, Outcome::failed);
  fs::rename(world_.project_folder() / "away.csv", world_.project_folder() / "feed-s1.csv");
  world_.clock.advance(seconds(61));
  world_.refresher->wake();
  world_.await([&] { return world_.served("feed") == "s1"; });
}

TEST(Corrupt, ReportCorrupt_WhileRemoteFilesAreOpened_DoesNotServeAgain) {
  auto tables_alone = remote_project();
  tables_alone.endpoints.erase("live");
  World world(tables_alone);
  offer_file(world, "orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  const auto damaged = world.publication->latest()->snapshots.at("orders").local->data->id();
  std::atomic<bool> once{true};
  world.executor.while_opening([&] {
    if (once.exchange(false)) world.refresher->report_corrupt("orders", damaged);
  });
  auto next = remote_project();
  next.config_version = "v2";
  world.reload(next);
  world.await([&] { return world.served("live") == "s1"; });
  EXPECT_FALSE(once) << "the remote files were opened for the local one";
  EXPECT_NE(world.publication->latest()->snapshots.at("orders").local->data->id(), damaged);
  EXPECT_EQ(world.files("orders", ".corrupt").size(), 1U);
  world.await_files("orders", ".json", 2);  // state.json and the new record
}

TEST(CacheFolder, Open_InterruptedVersionWrite_RemovesTheTemporaryFile) {
  TemporaryFolder folder;
  ASSERT_TRUE(CacheFolder::open(folder.path()));
  overwrite(folder.path() / "VERSION.1234.0.tmp", "");
  ASSERT_TRUE(CacheFolder::open(folder.path()));
  EXPECT_FALSE(fs::exists(folder.path() / "VERSION.1234.0.tmp"));
}

}  // namespace
}  // namespace offloader::refresh
