#include "pinned_files.h"

#include <gtest/gtest.h>

#include "data_folder.h"

namespace offloader::duckdb {
namespace {

class PinnedFilesTest : public DataFolder {};

// A link or a file that is put under a name after it was opened is not read.
TEST_F(PinnedFilesTest, ALocalFileThatIsReplaced_IsChangedAndNotRead) {
  for (const std::string name : {"a.csv", "a.parquet"}) {
    const auto file = data("project/" + name, 1);
    data("secret/" + name, 2);
    const auto pinned = PinnedFiles::open(nullptr, {file}, {}, {.local = true});
    ASSERT_TRUE(pinned) << pinned.error().error.detail;
    const PinnedFile& one = (*pinned)->pinned().at(0);
    std::string bytes(one.object.size, '\0');
    ASSERT_TRUE((*pinned)->read(one, 0, bytes.data(), bytes.size(), nullptr));
    std::filesystem::remove(file.location);
    std::filesystem::create_symlink(root_ / "secret" / name, file.location);
    auto done = (*pinned)->read(one, 0, bytes.data(), bytes.size(), nullptr);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::changed);
    // And another file, which is no link.
    std::filesystem::remove(file.location);
    std::filesystem::rename(root_ / "secret" / name, file.location);
    done = (*pinned)->read(one, 0, bytes.data(), bytes.size(), nullptr);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::changed);
  }
}

}  // namespace
}  // namespace offloader::duckdb
