#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cli_scene.h"

namespace offloader::cli {
namespace {

TEST(BundleFile, IsReadableForItsMakerAlone) {
  const TemporaryFolder folder;
  const std::string project = (folder.path() / "project").string();
  ASSERT_EQ(run_cli({"init", "--out", project}).code, 0);
  const auto bundle = folder.path() / "bundle.tar.gz";
  write(bundle, "of before, readable for all");
  const mode_t before = ::umask(0);
  // Nobody listens there, so the bundle holds the project alone.
  const Outcome made = run_cli(
      {"support-bundle", "--config", project, "--admin-url", "http://127.0.0.1:1", "--out", bundle.string()});
  ::umask(before);
  EXPECT_EQ(made.code, 0) << made.err;
  struct stat status {};
  ASSERT_EQ(::stat(bundle.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

}  // namespace
}  // namespace offloader::cli
