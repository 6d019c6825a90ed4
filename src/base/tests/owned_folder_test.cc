#include "offloader/base/owned_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "offloader/base/testing/descriptor_limit.h"
#include "offloader/base/testing/temporary_folder.h"

namespace offloader {
namespace {

namespace fs = std::filesystem;

class OwnedFolderTest : public testing::Test {
 protected:
  OwnedFolderTest() {
    fs::create_directory(root_.path() / "folder");
    std::ofstream(root_.path() / "file") << "text";
    fs::create_symlink("file", root_.path() / "link");
  }
  const TemporaryFolder root_;
};

TEST_F(OwnedFolderTest, Entries_FilesFoldersAndLinks_AreSortedWithTheirKinds) {
  const auto folder = OwnedFolder::open(root_.path());
  ASSERT_TRUE(folder);
  const auto entries = folder->entries();
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ(entries->at(0).name, "file");
  EXPECT_EQ(entries->at(0).kind, OwnedFolder::Kind::file);
  EXPECT_EQ(entries->at(1).kind, OwnedFolder::Kind::folder);
  EXPECT_EQ(entries->at(2).kind, OwnedFolder::Kind::link);
}

// An empty list would tell the caller that nothing is there.
TEST_F(OwnedFolderTest, Entries_FolderCannotBeListed_Fails) {
  const auto folder = OwnedFolder::open(root_.path());
  ASSERT_TRUE(folder);
  {
    const DescriptorLimit limit(0);
    const auto entries = folder->entries();
    ASSERT_FALSE(entries) << entries->size() << " entries";
    EXPECT_EQ(entries.error().code, ErrorCode::unavailable);
    folder->remove_everything();  // ignores the failure
  }
  EXPECT_EQ(folder->entries().value().size(), 3U);
}

}  // namespace
}  // namespace offloader
