#include "serving_instance.h"

#include "local_scene.h"
#include "offloader/base/testing/descriptor_limit.h"
#include "offloader/duckdb/error.h"

namespace offloader::local_executor {
namespace {

class ServingInstanceTest : public LocalScene {
 protected:
  ServingInstanceTest() {
    dataset_.schema = {{"n", catalog::ColumnType::bigint}};
    EXPECT_TRUE(executor_->materialize(request({write("a.csv", "n\n7\n")}, 1)));
    serving_ =
        std::move(*ServingInstance::open({1, 0, true, {}, {}, {(root_ / "cache/datasets").string()}, {}}));
  }
  [[nodiscard]] std::filesystem::path file() const { return files().database(); }
  // Replaces the file by a link to itself, so that opening it fails without showing whether the file exists.
  void hide() {
    std::filesystem::rename(file(), root_ / "hidden");
    std::filesystem::create_symlink(file(), file());
  }
  void show() {
    std::filesystem::remove(file());
    std::filesystem::rename(root_ / "hidden", file());
  }

  std::unique_ptr<ServingInstance> serving_;
};

TEST_F(ServingInstanceTest, Attach_NoDescriptorsLeft_IsNotCorrupt) {
  hide();  // fails once without a limit: see DescriptorLimit
  ASSERT_FALSE(serving_->attach(7, files(), dataset_));
  show();
  {
    const DescriptorLimit none(0);
    const auto attached = serving_->attach(7, files(), dataset_);
    ASSERT_FALSE(attached);
    EXPECT_NE(attached.error().code, ErrorCode::corrupt) << attached.error().detail;
    EXPECT_TRUE(duckdb::is_machinery(attached.error())) << attached.error().detail;
  }
  EXPECT_TRUE(serving_->attach(7, files(), dataset_));
}

TEST_F(ServingInstanceTest, Attach_FileMissing_IsCorrupt) {
  std::filesystem::remove(file());
  const auto attached = serving_->attach(7, files(), dataset_);
  ASSERT_FALSE(attached);
  EXPECT_EQ(attached.error().code, ErrorCode::corrupt) << attached.error().detail;
}

TEST_F(ServingInstanceTest, Rebuild_FileCannotBeOpened_FailsAndCanBeRepeated) {
  ASSERT_TRUE(serving_->attach(7, files(), dataset_));
  hide();
  const auto failed = serving_->rebuild();
  ASSERT_FALSE(failed) << "its queries would find no such table, and call the file corrupt";
  EXPECT_TRUE(duckdb::is_machinery(failed.error())) << failed.error().detail;
  EXPECT_EQ(serving_->database(), nullptr);
  EXPECT_EQ(serving_->attach(8, files(), dataset_).error().code, ErrorCode::unavailable);
  show();
  ASSERT_TRUE(serving_->rebuild());
  auto connection = *duckdb::Connection::open(serving_->database());
  const auto rows = connection.rows("SELECT n FROM " + ServingInstance::source_of(7));
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ((*rows)[0][0], "7");
}

}  // namespace
}  // namespace offloader::local_executor
