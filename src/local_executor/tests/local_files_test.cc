#include "local_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "offloader/base/file.h"

namespace offloader::local_executor {
namespace {

namespace fs = std::filesystem;
using executor::Found;
using executor::Stored;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr const char* kDataset = "orders";

class LocalFilesTest : public ::testing::Test {
 protected:
  LocalFilesTest() {
    fs::create_directories(folder());
    fs::create_directories(root_ / "elsewhere");
  }
  ~LocalFilesTest() override { fs::remove_all(root_); }

  [[nodiscard]] fs::path folder() const { return root_ / "datasets" / kDataset; }
  static void put_at(const fs::path& path, const std::string& content = "x") {
    std::ofstream(path) << content;
  }
  void put(const std::string& name, const std::string& content = "x") const {
    put_at(folder() / name, content);
  }
  [[nodiscard]] static std::set<std::string> names_in(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
    return names;
  }
  [[nodiscard]] std::vector<Found> recover(const std::vector<Stored>& known) const {
    return files_.recover(kDataset, known);
  }
  // Replaces the dataset's folder by a link to a folder that holds files of a snapshot.
  void link_folder_elsewhere() const {
    fs::remove_all(folder());
    put_at(root_ / "elsewhere/s1.b1.duckdb", "12345");
    put_at(root_ / "elsewhere/s1.b1.index");
    put_at(root_ / "elsewhere/s0.b0.duckdb.corrupt");
    fs::create_directory_symlink(root_ / "elsewhere", folder());
  }

  static fs::path make_root() {
    std::string pattern = (fs::temp_directory_path() / "local_files_test.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  const fs::path root_ = make_root();
  const LocalFiles files_{root_ / "datasets"};
};

TEST_F(LocalFilesTest, Recover_SnapshotOfTheRecordedSize_IsSoundAndKept) {
  put("s1.b1.duckdb", "12345");
  put("s1.b1.index");
  EXPECT_THAT(recover({{.handle = "s1.b1", .bytes = 5}, {.handle = "s2.b2", .bytes = 5}}),
              ElementsAre(Found::sound, Found::missing));
  EXPECT_THAT(names_in(folder()), UnorderedElementsAre("s1.b1.duckdb", "s1.b1.index"));
}

TEST_F(LocalFilesTest, Recover_PartialOrUnrecordedFiles_AreDeleted) {
  put(".partial-s2.b2.duckdb.building");
  put(".partial-s2.b2.index.tmp");
  put("s2.b2.duckdb");
  put("s2.b2.duckdb.wal");
  put("s2.b2.index");
  put("s2.b2.rollup");
  EXPECT_THAT(recover({}), ElementsAre());
  EXPECT_THAT(names_in(folder()), UnorderedElementsAre());
}

TEST_F(LocalFilesTest, Recover_ForeignNames_AreLeftAlone) {
  // Names without a build, with another extension, an invalid build or none, hidden, and a folder with a
  // valid name.
  for (const char* name : {"s1.duckdb", "notes.txt", "s1.b1.parquet", "s1.xyz.duckdb", ".hidden", "s1.b1"})
    put(name);
  fs::create_directory(folder() / "s3.b3.duckdb");
  const auto before = names_in(folder());
  EXPECT_THAT(recover({}), ElementsAre());
  files_.drop(kDataset, "s9.b9");
  files_.set_aside(kDataset, "s9.b9");
  EXPECT_EQ(names_in(folder()), before);
}

TEST_F(LocalFilesTest, Recover_SnapshotOfAnotherSize_IsSetAside) {
  put("s0.b0.duckdb.corrupt", "the one before");
  put("s1.b1.duckdb", "123");
  put("s1.b1.index");
  EXPECT_THAT(recover({{.handle = "s1.b1", .bytes = 5}}), ElementsAre(Found::damaged));
  EXPECT_THAT(names_in(folder()), UnorderedElementsAre("s1.b1.duckdb.corrupt"));
  EXPECT_EQ(*read_file(folder() / "s1.b1.duckdb.corrupt", 100), "123");
  EXPECT_THAT(recover({}), ElementsAre());
  EXPECT_THAT(names_in(folder()), UnorderedElementsAre("s1.b1.duckdb.corrupt")) << "for people to look at";
}

TEST_F(LocalFilesTest, Recover_LinkInPlaceOfASnapshot_DeletesOnlyTheLink) {
  put_at(root_ / "elsewhere/data", "12345");
  fs::create_symlink(root_ / "elsewhere/data", folder() / "s1.b1.duckdb");
  fs::create_symlink(root_ / "elsewhere/data", folder() / "s2.b2.index");
  EXPECT_THAT(recover({{.handle = "s1.b1", .bytes = 5}}), ElementsAre(Found::missing));
  EXPECT_THAT(names_in(folder()), UnorderedElementsAre());
  EXPECT_EQ(*read_file(root_ / "elsewhere/data", 100), "12345");
}

TEST_F(LocalFilesTest, EachOperation_FolderIsALink_DoesNotFollowIt) {
  link_folder_elsewhere();
  const auto before = names_in(root_ / "elsewhere");
  EXPECT_THAT(recover({{.handle = "s1.b1", .bytes = 5}}), ElementsAre(Found::unreadable));
  files_.drop(kDataset, "s1.b1");
  files_.set_aside(kDataset, "s1.b1");
  files_.remove_partial(kDataset, "s1.b1");
  EXPECT_FALSE(files_.prepare(kDataset));
  EXPECT_EQ(names_in(root_ / "elsewhere"), before);
}

TEST_F(LocalFilesTest, Drop_CalledTwice_DeletesBothFiles) {
  put("s1.b1.duckdb");
  put("s1.b1.index");
  put("s2.b2.duckdb");
  files_.drop(kDataset, "s1.b1");
  files_.drop(kDataset, "s1.b1");
  EXPECT_THAT(names_in(folder()), UnorderedElementsAre("s2.b2.duckdb"));
}

TEST_F(LocalFilesTest, Publish_PartialFiles_RenamesBoth) {
  ASSERT_TRUE(files_.prepare(kDataset));
  put_at(files_.partial(kDataset, "s1.b1").database(), "rows");
  put_at(files_.partial(kDataset, "s1.b1").index());
  ASSERT_TRUE(files_.publish(kDataset, "s1.b1"));
  EXPECT_THAT(names_in(folder()), UnorderedElementsAre("s1.b1.duckdb", "s1.b1.index"));
  EXPECT_EQ(*read_file(files_.place(kDataset, "s1.b1").database(), 100), "rows");
}

TEST_F(LocalFilesTest, Recover_UnreadableFolder_KeepsItsFiles) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  put("s1.b1.duckdb", "12345");
  ::chmod(folder().c_str(), 0);
  EXPECT_THAT(recover({{.handle = "s1.b1", .bytes = 5}}), ElementsAre(Found::unreadable));
  ::chmod(folder().c_str(), 0700);
  EXPECT_THAT(names_in(folder()), UnorderedElementsAre("s1.b1.duckdb"));
}

}  // namespace
}  // namespace offloader::local_executor
