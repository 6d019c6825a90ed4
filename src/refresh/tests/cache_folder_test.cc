#include <sys/wait.h>

#include <random>

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

TEST(CacheFolder, RefusesASecondProcess) {
  TemporaryFolder folder;
  auto first = CacheFolder::open(folder.path());
  ASSERT_TRUE(first);
  const auto second = CacheFolder::open(folder.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
}

TEST(CacheFolder, RebuildsAFolderOfAnotherVersion) {
  TemporaryFolder folder;
  fs::create_directories(folder.path() / "datasets" / "old");
  overwrite(folder.path() / "VERSION", "1\n");
  ASSERT_TRUE(CacheFolder::open(folder.path()));
  EXPECT_FALSE(fs::exists(folder.path() / "datasets" / "old"));
}

TEST(CacheFolder, LongIdsWithColonsMakeSafeNames) {
  TemporaryFolder folder;
  const auto cache = CacheFolder::open(folder.path());
  SnapshotRecord record;
  record.snapshot_id = "." + std::string(198, ':') + "x";
  record.build = cache->new_build();
  const auto name = CacheFolder::name_of(record);
  EXPECT_EQ(name.find(':'), std::string::npos);
  EXPECT_NE(name.front(), '.');
  EXPECT_LT(name.size(), 225U);
}

TEST(WarmStart, ServesActiveAndPreviousBeforeAnySourceIsAsked) {
  World world(project_of({"orders"}));
  world.start_with_previous("orders");
  world.stop();
  fs::remove(world.project_folder() / "orders.json");
  world.start();
  EXPECT_EQ(world.served("orders"), "s2");
  EXPECT_EQ(world.status("orders").previous->snapshot_id, "s1");
}

TEST(WarmStart, AFileWithADamagedRecordIsRebuilt) {
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

TEST(WarmStart, ATruncatedFileIsSetAsideAndThePreviousOneServes) {
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

TEST(WarmStart, AFileOfAnotherContractIsRebuiltNotServed) {
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

TEST(WarmStart, RemovesPartialFilesAndOrphans) {
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

}  // namespace
}  // namespace offloader::refresh
