#include "world.h"

namespace offloader::refresh {
namespace {

void overwrite(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
}

fs::path only_file(const World& world, const std::string& extension) {
  for (const auto& entry : fs::directory_iterator(world.cache() / "datasets" / "orders")) {
    if (entry.path().extension() == extension && entry.path().filename() != "state.json") return entry.path();
  }
  return {};
}

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::trunc) << text;
}

TEST(WarmStart, Start_SourceMissing_ServesActiveAndPrevious) {
  World world(project_of({"orders"}));
  world.start_with_previous("orders");
  world.stop();
  fs::remove(world.project_folder() / "orders.json");
  world.start();
  EXPECT_EQ(world.served("orders"), "s2");
  EXPECT_EQ(world.status("orders").previous->snapshot_id, "s1");
}

TEST(WarmStart, Start_RecordDamaged_Rebuilds) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  world.stop();
  const fs::path record = only_file(world, ".json");
  auto text = read_file(record, 1 << 20).value();
  text[text.find("\"rows\": 1") + 8] = '7';
  overwrite(record, text);
  world.executor.hold("s1");
  world.start();
  EXPECT_EQ(world.served("orders"), "not ready");
  world.executor.wait_until_building("s1");
  world.executor.let_go("s1");
  world.await_active("orders", "s1");
  EXPECT_EQ(world.files("orders", ".duckdb").size(), 1U);
}

TEST(WarmStart, Start_FileTruncated_SetsItAsideAndServesThePreviousOne) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  const fs::path old = only_file(world, ".duckdb");
  world.offer("orders", "s2");
  world.force("orders");
  world.stop();
  for (const auto& name : world.files("orders", ".duckdb")) {
    if (name != old.filename()) overwrite(world.cache() / "datasets" / "orders" / name, "sn");
  }
  world.executor.hold("s2");
  world.start();
  EXPECT_EQ(world.served("orders"), "s1");
  EXPECT_EQ(world.files("orders", ".corrupt").size(), 1U);
  world.executor.wait_until_building("s2");
  world.executor.let_go("s2");
  world.await_active("orders", "s2");
}

TEST(WarmStart, Start_ContractChanged_RebuildsInsteadOfServing) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  auto next = project_of({"orders"}, "v2");
  next.datasets.at("orders").tenant_column = 0;
  world.executor.hold("s1");
  world.reload(next);
  world.restart();
  EXPECT_EQ(world.served("orders"), "not ready");
  world.executor.let_go("s1");
  world.await_active("orders", "s1");
}

TEST(WarmStart, Start_PartialFilesAndOrphans_AreRemoved) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  world.stop();
  const fs::path folder = world.cache() / "datasets" / "orders";
  overwrite(folder / ".partial-1.duckdb", "x");
  overwrite(folder / "orphan.1.duckdb", "x");
  fs::create_directories(world.cache() / "datasets" / "unknown");
  overwrite(world.cache() / "tmp" / "spill", "x");
  world.start();
  EXPECT_FALSE(fs::exists(folder / ".partial-1.duckdb"));
  EXPECT_FALSE(fs::exists(folder / "orphan.1.duckdb"));
  EXPECT_FALSE(fs::exists(world.cache() / "datasets" / "unknown"));
  EXPECT_TRUE(fs::is_empty(world.cache() / "tmp"));
  EXPECT_EQ(world.served("orders"), "s1");
}

TEST(WarmStart, Start_FilesWithForeignNames_AreKept) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  world.stop();
  const fs::path datasets = world.cache() / "datasets";
  put(datasets / "orders" / "notes.txt", "mine");
  put(datasets / "orders" / "export.duckdb", "mine");
  put(datasets / "orders" / "mine" / "deep.json", "mine");
  put(datasets / "gone" / "notes.txt", "mine");
  put(datasets / "gone" / "s1.00ff.duckdb", "ours");
  put(datasets / "My Files" / "s1.00ff.duckdb", "mine");
  put(world.cache() / "notes.txt", "mine");
  world.start();
  EXPECT_EQ(world.served("orders"), "s1");
  EXPECT_TRUE(fs::exists(datasets / "orders" / "notes.txt"));
  EXPECT_TRUE(fs::exists(datasets / "orders" / "export.duckdb"));
  EXPECT_TRUE(fs::exists(datasets / "orders" / "mine" / "deep.json"));
  EXPECT_TRUE(fs::exists(datasets / "gone" / "notes.txt"));
  EXPECT_FALSE(fs::exists(datasets / "gone" / "s1.00ff.duckdb"));
  EXPECT_TRUE(fs::exists(datasets / "My Files" / "s1.00ff.duckdb"));
  EXPECT_TRUE(fs::exists(world.cache() / "notes.txt"));
  world.reload(project_of({}, "v2"));
  EXPECT_TRUE(fs::exists(datasets / "orders" / "notes.txt"));
  EXPECT_TRUE(world.files("orders", ".duckdb") == std::vector<std::string>{"export.duckdb"});
}

TEST(WarmStart, Start_OlderFormat_RebuildsSnapshotsAndKeepsQuarantines) {
  World world(project_of({"orders"}));
  world.start_with_previous("orders");
  ASSERT_TRUE(world.refresher->rollback("orders"));
  world.stop();
  // The state that format version 1 left: the quarantine in the dataset's state file, and no marks.
  fs::remove_all(world.cache() / "marks");
  put(world.cache() / "VERSION", "1\n");
  world.start();
  EXPECT_EQ(world.served("orders"), "not ready") << "files of another format do not serve";
  EXPECT_EQ(world.status("orders").quarantined_snapshot_id, "s2");
  world.await([&] { return world.status("orders").last_attempted.has_value(); });
  EXPECT_EQ(world.served("orders"), "not ready") << "s2 was rolled back";
  EXPECT_EQ(read_file(world.cache() / "VERSION", 64).value(), "3\n");
  world.offer("orders", "s3");
  world.force("orders");
  EXPECT_EQ(world.served("orders"), "s3");
}

}  // namespace
}  // namespace offloader::refresh
