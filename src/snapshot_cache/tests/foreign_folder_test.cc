#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/executor/testing/fake_executor.h"
#include "offloader/snapshot_cache/cache_folder.h"

// open() rejects a folder that is not a cache folder and leaves it unchanged (snapshots.md, "The folder is
// ours where").
namespace offloader::snapshot_cache {
namespace {

namespace fs = std::filesystem;
using executor::testing::FakeExecutor;
using testing::HasSubstr;

std::map<std::string, std::string> contents_of(const fs::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    contents[name] = entry.is_symlink()     ? "link to " + fs::read_symlink(entry.path()).string()
                     : entry.is_directory() ? "folder"
                                            : read_file(entry.path(), 1 << 20).value_or("unreadable");
  }
  return contents;
}

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::trunc) << text;
}

struct Foreign {
  const char* name;
  std::map<std::string, std::string> files;
};

class ForeignFolder : public testing::TestWithParam<Foreign> {};

TEST_P(ForeignFolder, Open_ForeignFolder_IsRejectedAndUnchanged) {
  TemporaryFolder folder;
  for (const auto& [name, text] : GetParam().files) put(folder.path() / name, text);
  const auto before = contents_of(folder.path());
  const auto opened = CacheFolder::open(folder.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::invalid_config);
  EXPECT_THAT(opened.error().message, HasSubstr("is not an Offloader cache folder"));
  EXPECT_THAT(opened.error().message, HasSubstr("OFFLOADER_CACHE_DIR"));
  EXPECT_EQ(opened.error().message, CacheFolder::refusal(folder.path()));
  EXPECT_EQ(contents_of(folder.path()), before);
}

INSTANTIATE_TEST_SUITE_P(
    Folders, ForeignFolder,
    testing::Values(Foreign{"AProject",
                            {{"offloader.yml", "version: 1"}, {"datasets/orders.yml", "id: orders"}}},
                    Foreign{"ADatasetsFolderWithSomethingInIt", {{"datasets/orders.yml", "id: orders"}}},
                    Foreign{"AnEmptyFolderOfAnotherName", {{"data/.keep", ""}}},
                    Foreign{"AVersionOfSomethingElse", {{"VERSION", "3.2.1\n"}, {"datasets/x/y", "z"}}},
                    Foreign{"AVersionOfALaterFormat", {{"VERSION", "99\n"}, {"datasets/x/y", "z"}}},
                    Foreign{"ALockThatIsNotAlone", {{"LOCK", ""}, {"notes.txt", "mine"}}},
                    Foreign{"TemporaryFiles", {{"tmp/mine", "mine"}}}),
    [](const auto& one) { return one.param.name; });

TEST(CacheFolder, Open_NewFolderWithSystemAndCrashFiles_Succeeds) {
  TemporaryFolder folder;
  for (const char* name : {"lost+found", ".snapshot", "datasets", "config", "tmp"})
    fs::create_directories(folder.path() / name);
  for (const char* name : {"LOCK", ".hidden", "VERSION.77.0.tmp"}) put(folder.path() / name, "");
  EXPECT_EQ(CacheFolder::refusal(folder.path()), "");
  ASSERT_TRUE(CacheFolder::open(folder.path()));
  EXPECT_EQ(CacheFolder::refusal(folder.path()), "");
  EXPECT_TRUE(fs::exists(folder.path() / ".hidden"));
  EXPECT_TRUE(fs::exists(folder.path() / ".snapshot"));
  EXPECT_EQ(read_file(folder.path() / "VERSION", 64).value(), "3\n");
  EXPECT_TRUE(CacheFolder::open(folder.path()));
}

TEST(CacheFolder, Access_SymbolicLinks_AreNotFollowed) {
  TemporaryFolder folder;
  TemporaryFolder other;
  put(other.path() / "orders" / "s1.00ff.duckdb", "not ours");
  put(other.path() / "s1.00ff.duckdb", "not ours");
  const auto before = contents_of(other.path());
  ASSERT_TRUE(CacheFolder::open(folder.path()));
  // A dataset folder, a snapshot file and a spill folder that are links to another folder.
  fs::create_directory_symlink(other.path(), folder.path() / "datasets" / "gone");
  fs::create_directories(folder.path() / "datasets" / "orders");
  fs::create_symlink(other.path() / "s1.00ff.duckdb", folder.path() / "datasets/orders/s1.00ff.duckdb");
  fs::create_directory_symlink(other.path(), folder.path() / "tmp" / "spill");
  put(folder.path() / "exports" / "00ff.parquet", "left by a crash");
  {
    const auto cache = CacheFolder::open(folder.path());
    ASSERT_TRUE(cache);
    FakeExecutor executor(folder.path() / "datasets");
    (void)cache->datasets();
    (void)cache->recover("orders", executor);
    cache->remove_dataset("gone");
    EXPECT_FALSE(cache->write_marks("gone", {}));
  }
  EXPECT_EQ(contents_of(other.path()), before);
  EXPECT_FALSE(fs::exists(fs::symlink_status(folder.path() / "tmp" / "spill")));
  EXPECT_TRUE(fs::is_empty(folder.path() / "exports"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(folder.path() / "datasets/orders/s1.00ff.duckdb")));
  // Now `datasets/` itself is a link.
  fs::remove_all(folder.path() / "datasets");
  fs::create_directory_symlink(other.path(), folder.path() / "datasets");
  const auto opened = CacheFolder::open(folder.path());
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("symbolic link"));
  put(folder.path() / "VERSION", "1\n");
  EXPECT_FALSE(CacheFolder::open(folder.path()));
  EXPECT_EQ(contents_of(other.path()), before);
}

TEST(ForeignFolders, Open_FormatOfANewerVersion_SaysWhichFormatsAreKnown) {
  TemporaryFolder folder;
  put(folder.path() / "VERSION", "4\n");
  fs::create_directories(folder.path() / "datasets" / "orders");
  const auto opened = CacheFolder::open(folder.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::invalid_config);
  EXPECT_THAT(opened.error().message, HasSubstr("its format is 4, and this version knows formats up to 3"));
}

}  // namespace
}  // namespace offloader::snapshot_cache
