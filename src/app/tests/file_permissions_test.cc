// Permissions of the files the server writes: for its user and group, or for its user alone if they may
// contain keys.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "bucket_scene.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/duckdb/testing/data_file.h"
#include "offloader/executor/testing/random_project.h"

namespace offloader::app {
namespace {

namespace model = executor::testing::model;
using duckdb::testing::write_parquet;

namespace fs = std::filesystem;

// Sets umask 0, as some containers do.
class OpenUmask {
 public:
  OpenUmask() : before_(::umask(0)) {}
  ~OpenUmask() { ::umask(before_); }
  OpenUmask(const OpenUmask&) = delete;
  OpenUmask& operator=(const OpenUmask&) = delete;

 private:
  mode_t before_;
};

unsigned mode_of(const fs::path& path) {
  return static_cast<unsigned>(fs::symlink_status(path).permissions());
}

// Lists every path below `folder` whose permissions differ from these.
std::string with_other_rights(const fs::path& folder, unsigned file, unsigned directory) {
  std::string out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const unsigned mode = mode_of(entry.path());
    if (mode == (entry.is_directory() ? directory : file)) continue;
    char octal[16];
    std::snprintf(octal, sizeof octal, " %o\n", mode);
    out += entry.path().string() + octal;
  }
  return out;
}

TEST(FilePermissions, CacheFolder_OpenUmask_IsClosedToOthers) {
  const OpenUmask open;
  const TemporaryFolder folder;
  model::Random random(1);
  model::Project project = model::random_project(random);
  model::write_project(project, folder.path() / "project", write_parquet);
  const fs::path cache = folder.path() / "made/by/the/server";
  {
    TestServer server(folder.path() / "project", cache, {.use_index = true});
    ASSERT_TRUE(server.started() && server.await_ready()) << server.failure();
    EXPECT_EQ(with_other_rights(cache, 0640, 0750), "") << "while it runs";
  }
  EXPECT_EQ(with_other_rights(cache, 0640, 0750), "");
  EXPECT_EQ(mode_of(cache), 0750U);
  EXPECT_EQ(mode_of(cache.parent_path()), 0750U);
  std::size_t snapshots = 0;
  for (const auto& entry : fs::recursive_directory_iterator(cache))
    snapshots += entry.path().extension() == ".duckdb" || entry.path().extension() == ".index" ? 1 : 0;
  EXPECT_GE(snapshots, 2U) << "there was something to look at";
}

class FetchedPermissions : public BucketScene {};
INSTANTIATE_TEST_SUITE_P(Stores, FetchedPermissions, ::testing::Values("s3"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(FetchedPermissions, FetchedConfig_OpenUmask_IsForTheServersUserOnly) {
  const OpenUmask open;
  put_project("prod/");
  put("prod/keys/keys.yml", "keys: []\n");
  publish("prod/", 1, 5);
  TestServer server(url("prod"), cache_.path());
  ASSERT_TRUE(server.started() && server.await_ready()) << server.failure();
  std::size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(cache_.path() / "config")) {
    if (entry.is_directory() || entry.path().extension() != ".yml") continue;
    ++seen;
    EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
  }
  EXPECT_GE(seen, 3U);
}

}  // namespace
}  // namespace offloader::app
