// The index within an executor: whether it or DuckDB answers, and how a lost index is rebuilt.
#include "local_scene.h"
#include "offloader/base/file.h"
#include "offloader/index/format.h"
#include "offloader/index/inspect.h"
#include "offloader/index/reader.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

class IndexServing : public LocalScene {
 protected:
  IndexServing() {
    dataset_.schema = {
        {"tenant", ColumnType::varchar}, {"day", ColumnType::date}, {"clicks", ColumnType::bigint}};
    dataset_.tenant_column = 0;
    std::string text = "tenant,day,clicks\n";
    for (int i = 0; i < 900; ++i)
      text += "t" + std::to_string(i % 3) + ",2024-01-0" + std::to_string(i % 9 + 1) + "," +
              std::to_string(i) + "\n";
    auto request = this->request({write("data.csv", text)}, 900);
    request.layout.sort_columns = {1};
    request.layout.indexed_columns = {0, 1, 2};
    const auto built = executor_->materialize(request);
    EXPECT_TRUE(built) << built.error().error.detail;
    plan_ = everything();
  }
  std::shared_ptr<const executor::Snapshot> attach() {
    auto snapshot = LocalScene::attach();
    EXPECT_TRUE(snapshot) << snapshot.error().detail;
    return snapshot ? *snapshot : nullptr;
  }
  // Expects that the rebuilt index gives the same answer as DuckDB did before.
  void expect_repaired() {
    const auto snapshot = attach();
    const auto expected = run(plan_, snapshot);
    ASSERT_TRUE(expected);
    await([&] { return run(plan_, snapshot)->by == "index"; });
    const auto actual = run(plan_, snapshot);
    ASSERT_TRUE(actual);
    EXPECT_EQ(actual->json, expected->json);
    const auto reader = index::Reader::open(files_.index(), dataset_.schema);
    ASSERT_TRUE(reader);
    EXPECT_EQ((*reader)->sort_columns().size(), 2U);
  }
  SnapshotFiles files_ = files();
  query::Plan plan_;
};

TEST_F(IndexServing, Run_SmallAnswer_ComesFromTheIndex) {
  const auto rows = run(plan_, attach());
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->by, "index");
  EXPECT_EQ(rows->row_count, 900);
}

TEST_F(IndexServing, Attach_IndexFileMissing_RebuildsIt) {
  std::filesystem::remove(files_.index());
  expect_repaired();
}

TEST_F(IndexServing, Attach_IndexFileDamaged_RebuildsIt) {
  std::string bytes = *read_file(files_.index(), 1 << 24);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  std::ofstream(files_.index(), std::ios::binary | std::ios::trunc) << bytes;
  expect_repaired();
}

TEST_F(IndexServing, Attach_IndexFileTruncated_RebuildsIt) {
  std::filesystem::resize_file(files_.index(), std::filesystem::file_size(files_.index()) / 2);
  expect_repaired();
}

TEST_F(IndexServing, Attach_IndexFileOfAnOlderVersion_RebuildsIt) {
  std::string bytes = *read_file(files_.index(), 1 << 24);
  index::Header header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  header.version = index::kVersion - 1;
  header.header_hash = index::hash_of(&header, offsetof(index::Header, header_hash));
  std::memcpy(bytes.data(), &header, sizeof header);
  std::ofstream(files_.index(), std::ios::binary | std::ios::trunc) << bytes;
  expect_repaired();
}

TEST_F(IndexServing, Attach_IndexFileOfOtherRows_RebuildsIt) {
  auto request = this->request({write("other.csv", "tenant,day,clicks\nt0,2024-01-01,1\n")}, 1);
  request.name = "other.b1";
  request.layout.indexed_columns = {0, 1, 2};
  ASSERT_TRUE(executor_->materialize(request));
  std::filesystem::rename(files_of("other.b1").index(), files_.index());
  expect_repaired();
}

// The snapshot is retired while its index is being rebuilt.
TEST_F(IndexServing, Retire_IndexIsBeingRebuilt_LeavesNoFile) {
  std::filesystem::remove(files_.index());
  auto snapshot = attach();
  snapshot->retire();
  snapshot.reset();
  await([&] { return std::filesystem::is_empty(files_.base.parent_path()); });
  executor_->stop();
  EXPECT_TRUE(std::filesystem::is_empty(files_.base.parent_path()));
}

TEST_F(IndexServing, UseIndex_Off_NeitherReadsNorBuildsIt) {
  executor_.reset();
  options_.use_index = false;
  executor_ = std::move(*open_local_executor(options_, telemetry_));
  const auto snapshot = attach();
  EXPECT_EQ(run(plan_, snapshot)->by, "duckdb");
  std::filesystem::remove(files_.index());
  const auto again = attach();
  EXPECT_EQ(run(plan_, again)->by, "duckdb");
  executor_->stop();
  EXPECT_FALSE(std::filesystem::exists(files_.index()));
}

TEST_F(IndexServing, Inspect_ValidAndTruncatedIndex_ShowsOrRejectsIt) {
  for (const auto& [format, name] : {std::pair{index::InspectFormat::text, "index-inspect.txt"},
                                     std::pair{index::InspectFormat::json, "index-inspect.json"}}) {
    const auto shown = index::inspect_index(files_.index(), format);
    ASSERT_TRUE(shown) << shown.error().detail;
    const std::filesystem::path golden =
        std::filesystem::path(OFFLOADER_SOURCE_DIR) / "src/local_executor/tests/golden" / name;
    if (std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << *shown;
    const auto expected = read_file(golden, 1 << 20);
    ASSERT_TRUE(expected);
    EXPECT_EQ(*shown, *expected);
  }
  std::filesystem::resize_file(files_.index(), 100);
  EXPECT_EQ(index::inspect_index(files_.index(), index::InspectFormat::text).error().code,
            ErrorCode::corrupt);
}

}  // namespace
}  // namespace offloader::local_executor
