#include "offloader/snapshot_cache/cache_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "offloader/base/testing/descriptor_limit.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/executor/testing/fake_executor.h"

namespace offloader::snapshot_cache {
namespace {

namespace fs = std::filesystem;

void overwrite(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
}

TEST(CacheFolder, Open_AlreadyLocked_FailsWithConflict) {
  TemporaryFolder folder;
  auto first = CacheFolder::open(folder.path());
  ASSERT_TRUE(first);
  const auto second = CacheFolder::open(folder.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
}

TEST(CacheFolder, Open_OlderVersion_RemovesItsDatasets) {
  TemporaryFolder folder;
  fs::create_directories(folder.path() / "datasets" / "old");
  overwrite(folder.path() / "VERSION", "1\n");
  ASSERT_TRUE(CacheFolder::open(folder.path()));
  EXPECT_FALSE(fs::exists(folder.path() / "datasets" / "old"));
}

// The cache folder of an older version, in which snapshot s2 of orders is quarantined.
void write_older_version(const fs::path& folder) {
  fs::create_directories(folder / "datasets" / "orders");
  overwrite(folder / "datasets" / "orders" / "state.json", R"({"quarantined":"s2"})");
  overwrite(folder / "VERSION", "1\n");
}

TEST(CacheFolder, Open_OlderVersionCannotBeRead_FailsAndKeepsTheQuarantine) {
  TemporaryFolder folder;
  write_older_version(folder.path());
  TemporaryFolder other;  // opened once without a limit: see DescriptorLimit
  write_older_version(other.path());
  ASSERT_TRUE(CacheFolder::open(other.path()));
  constexpr int kEnough = 20;
  int failures = 0;
  for (int descriptors = 0; descriptors < kEnough; ++descriptors) {
    const DescriptorLimit limit(descriptors);
    if (CacheFolder::open(folder.path())) break;
    ++failures;
  }
  EXPECT_GT(failures, 3);
  EXPECT_LT(failures, kEnough);
  const auto cache = CacheFolder::open(folder.path());
  ASSERT_TRUE(cache);
  executor::testing::FakeExecutor executor(folder.path() / "datasets");
  EXPECT_EQ(cache->recover("orders", executor).quarantined, "s2");
}

// Otherwise the refresher would take every snapshot in it for gone.
TEST(CacheFolder, Recover_FolderCannotBeListed_IsIncomplete) {
  TemporaryFolder folder;
  const auto cache = CacheFolder::open(folder.path());
  ASSERT_TRUE(cache);
  fs::create_directories(folder.path() / "datasets" / "orders");
  executor::testing::FakeExecutor executor(folder.path() / "datasets");
  {
    const DescriptorLimit limit(2);  // for datasets/ and datasets/orders/
    EXPECT_TRUE(cache->recover("orders", executor).incomplete);
  }
  EXPECT_FALSE(cache->recover("orders", executor).incomplete);
  EXPECT_FALSE(cache->recover("unknown", executor).incomplete);
}

TEST(CacheFolder, NameOf_LongIdWithColons_IsASafeFileName) {
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

}  // namespace
}  // namespace offloader::snapshot_cache
