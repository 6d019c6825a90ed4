#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "offloader/base/crypto.h"
#include "offloader/base/dot_segments.h"
#include "offloader/base/file.h"
#include "open_steps.h"

namespace offloader {
namespace {

namespace fs = std::filesystem;

class WithoutLinks : public ::testing::Test {
 protected:
  WithoutLinks() {
    fs::create_directories(folder_ / "a" / "b");
    std::ofstream(folder_ / "a" / "b" / "file") << "text";
  }
  ~WithoutLinks() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  static ErrorCode code_of(const fs::path& path) {
    const auto opened = open_without_links(path);
    if (!opened) return opened.error().code;
    ::close(*opened);
    return ErrorCode::internal;
  }
  const fs::path folder_ = fs::canonical(fs::temp_directory_path()) / ("offloader-links-" + random_hex(8));
};

TEST_F(WithoutLinks, Open_LinkAnywhereInThePath_IsRejected) {
  const auto opened = open_without_links(folder_ / "a/b/file");
  ASSERT_TRUE(opened);
  char text[4] = {};
  EXPECT_EQ(::read(*opened, text, sizeof text), 4);
  ::close(*opened);
  fs::create_symlink(folder_ / "a/b/file", folder_ / "link");
  fs::create_directory_symlink(folder_ / "a", folder_ / "linked");
  EXPECT_EQ(code_of(folder_ / "link"), ErrorCode::changed);
  EXPECT_EQ(code_of(folder_ / "linked/b/file"), ErrorCode::changed);
  // The fallback for kernels without openat2() behaves the same.
  const int stepped = open_step_by_step(folder_ / "a/b/file");
  EXPECT_GE(stepped, 0);
  ::close(stepped);
  for (const char* name : {"link", "linked/b/file"}) {
    EXPECT_LT(open_step_by_step(folder_ / name), 0) << name;
    EXPECT_EQ(errno, ELOOP) << name;
  }
  EXPECT_LT(open_step_by_step(folder_ / "a/none/file"), 0);
  EXPECT_EQ(errno, ENOENT);
}

TEST_F(WithoutLinks, Open_NotARegularFile_IsNotFound) {
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(code_of(folder_ / "a/b"), ErrorCode::not_found);
  EXPECT_EQ(code_of(folder_ / "a/none"), ErrorCode::not_found);
  EXPECT_EQ(code_of(folder_ / "fifo"), ErrorCode::not_found);
}

TEST(DotSegments, HasDotSegments_PlainOrEscaped_ReturnsTrue) {
  for (const char* bad :
       {"..", ".", "../a", "a/..", "a/../b", "a/./b", "%2e%2e/a", "a/%2E./b", "a%2f..%2Fb", "/.."})
    EXPECT_TRUE(has_dot_segments(bad)) << bad;
  for (const char* good : {"", "a", "a..b/c", "...", "a/.hidden", "%2e%2e%2", "a//b", "%252e%252e/x"})
    EXPECT_FALSE(has_dot_segments(good)) << good;
}

}  // namespace
}  // namespace offloader
