#include <filesystem>
#include <fstream>

#include "offloader/base/crypto.h"
#include "offloader/object_store/local_input.h"
#include "store_fixture.h"

namespace offloader::object_store {
namespace {

namespace fs = std::filesystem;

class LocalStoreTest : public ::testing::Test {
 protected:
  LocalStoreTest() {
    fs::create_directories(folder_ / "project" / "data");
    fs::create_directories(folder_ / "secret");
    put("project/data/a.csv", "id\n1\n");
    put("secret/a.csv", "id\n2\n");
  }
  ~LocalStoreTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::trunc) << text;
  }
  std::string path() const { return (folder_ / "project/data/a.csv").string(); }

  const fs::path folder_ = fs::canonical(fs::temp_directory_path()) / ("offloader-local-" + random_hex(8));
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_ = make_object_store(test_options(), *telemetry_);
  std::string bytes_ = std::string(5, '\0');
};

TEST_F(LocalStoreTest, Read_UnchangedFile_ReturnsItsBytes) {
  const auto info = store_->stat(path(), {});
  ASSERT_THAT(info, Succeeds());
  EXPECT_EQ(info->size, 5U);
  ASSERT_THAT(store_->read(path(), {0, 5}, bytes_.data(), info->tag, {}), Succeeds());
  EXPECT_EQ(bytes_, "id\n1\n");
}

TEST_F(LocalStoreTest, Read_FileOrFolderReplacedByLink_IsChanged) {
  const auto info = store_->stat(path(), {});
  ASSERT_THAT(info, Succeeds());
  fs::remove(path());
  fs::create_symlink(folder_ / "secret/a.csv", path());
  EXPECT_THAT(store_->stat(path(), {}), FailsWith(ErrorCode::changed));
  EXPECT_THAT(store_->get(path(), 100, {}), FailsWith(ErrorCode::changed));
  EXPECT_THAT(store_->read(path(), {0, 5}, bytes_.data(), info->tag, {}), FailsWith(ErrorCode::changed));
  EXPECT_THAT(store_->read(path(), {0, 5}, bytes_.data(), "", {}), FailsWith(ErrorCode::changed));
  fs::remove_all(folder_ / "project/data");
  fs::create_directory_symlink(folder_ / "secret", folder_ / "project/data");
  EXPECT_THAT(store_->read(path(), {0, 5}, bytes_.data(), "", {}), FailsWith(ErrorCode::changed));
  EXPECT_EQ(bytes_, std::string(5, '\0'));
}

TEST_F(LocalStoreTest, Get_FileWithinOrAboveTheLimit_ReturnsItOrIsTooLarge) {
  const auto bytes = store_->get(path(), 5, {});
  ASSERT_THAT(bytes, Succeeds());
  EXPECT_EQ(*bytes, "id\n1\n");
  EXPECT_THAT(store_->get(path(), 4, {}), FailsWith(ErrorCode::too_large));
  EXPECT_THAT(store_->get(path() + ".gone", 5, {}), FailsWith(ErrorCode::not_found));
  put("project/data/empty", "");
  EXPECT_THAT(store_->get((folder_ / "project/data/empty").string(), 0, {}), Succeeds());
}

TEST_F(LocalStoreTest, Calls_DeadlinePassedOrCancelled_EndWithThatError) {
  ObjectStore::Call late;
  late.deadline = std::chrono::milliseconds(0);
  CancelFlag cancel;
  cancel.cancel();
  ObjectStore::Call cancelled;
  cancelled.cancel = &cancel;
  const std::string folder = (folder_ / "project").string();
  for (const auto& [call, code] :
       {std::pair(late, ErrorCode::timeout), std::pair(cancelled, ErrorCode::cancelled)}) {
    EXPECT_THAT(store_->get(path(), 100, call), FailsWith(code));
    EXPECT_THAT(store_->read(path(), {0, 5}, bytes_.data(), "", call), FailsWith(code));
    EXPECT_THAT(store_->list(folder, 100, call), FailsWith(code));
  }
}

TEST_F(LocalStoreTest, Read_ReplacedWithSameSizeAndTime_IsChanged) {
  const auto info = store_->stat(path(), {});
  ASSERT_THAT(info, Succeeds());
  fs::last_write_time(folder_ / "secret/a.csv", fs::last_write_time(path()));
  fs::rename(folder_ / "secret/a.csv", path());
  EXPECT_THAT(store_->read(path(), {0, 5}, bytes_.data(), info->tag, {}), FailsWith(ErrorCode::changed));
  EXPECT_EQ(bytes_, std::string(5, '\0'));
}

TEST_F(LocalStoreTest, Read_OpenFileReplacedByName_ReadsTheOpenedOne) {
  const auto input = LocalInput::open(path());
  ASSERT_TRUE(input);
  fs::rename(folder_ / "secret/a.csv", path());
  ASSERT_THAT((*input)->read(0, bytes_.data(), 5), Succeeds());
  EXPECT_EQ(bytes_, "id\n1\n");
}

TEST_F(LocalStoreTest, Read_OpenFileModified_IsChanged) {
  const auto input = LocalInput::open(path());
  ASSERT_TRUE(input);
  put("project/data/a.csv", "id\n7\n8\n");
  EXPECT_THAT((*input)->read(0, bytes_.data(), 5), FailsWith(ErrorCode::changed));
}

TEST_F(LocalStoreTest, Read_UnusualFileNames_Succeeds) {
  for (const std::string name : {"a b", "a+b", "a%20b", "100%", "q?r#s", "ünïcode-日本", "back\\slash",
                                 "quote\"'", "star*[x]", "new\nline", "semi;colon,", "-dash", "~tilde"}) {
    put("project/data/" + name, name);
    const std::string file = (folder_ / "project/data" / name).string();
    const auto info = store_->stat(file, {});
    ASSERT_THAT(info, Succeeds()) << name;
    std::string text(info->size, '\0');
    ASSERT_THAT(store_->read(file, {0, info->size}, text.data(), info->tag, {}), Succeeds()) << name;
    EXPECT_EQ(text, name);
  }
  const auto listed = store_->list((folder_ / "project/data").string(), 100, {});
  ASSERT_THAT(listed, Succeeds());
  EXPECT_EQ(listed->size(), 14U);
}

}  // namespace
}  // namespace offloader::object_store
