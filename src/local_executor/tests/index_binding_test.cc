// An index belongs to one snapshot and one layout. These tests cover index files that do not match, and
// endpoints that need another layout.
#include <gmock/gmock.h>

#include <atomic>
#include <mutex>

#include "index_slot.h"
#include "local_scene.h"
#include "offloader/base/file.h"
#include "offloader/index/reader.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using State = executor::IndexStatus::State;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kRowCount = 900;

// Collects warnings and errors, each with its message and text fields in one line.
class WarningLog final : public telemetry::Log {
 public:
  bool enabled(telemetry::Level level) const override { return level <= telemetry::Level::warning; }
  void write(telemetry::Level level, std::string_view message,
             std::initializer_list<telemetry::Field> fields) override {
    const std::lock_guard turn(held_mutex_);
    if (!enabled(level)) return;
    std::string line(message);
    for (const telemetry::Field& field : fields) {
      if (const auto* text = std::get_if<std::string>(&field.value))
        line += " " + std::string(field.name) + "=" + *text;
      if (const auto* view = std::get_if<std::string_view>(&field.value))
        line += " " + std::string(field.name) + "=" + std::string(*view);
    }
    const std::lock_guard lock(lines_mutex_);
    lines_.push_back(std::move(line));
  }
  void flush() override {}
  std::vector<std::string> lines() const {
    const std::lock_guard lock(lines_mutex_);
    return lines_;
  }
  // As long as the lock exists, threads that log wait, at any level. The thread that rebuilds indexes logs
  // each one before it puts it in place.
  [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(held_mutex_); }

 private:
  std::mutex held_mutex_;
  mutable std::mutex lines_mutex_;
  std::vector<std::string> lines_;
};

class IndexBinding : public LocalScene {
 protected:
  IndexBinding() {
    executor_ = std::move(*open_local_executor(options_, logging_));
    dataset_.schema = {{"tenant", ColumnType::varchar},
                       {"day", ColumnType::date},
                       {"clicks", ColumnType::bigint},
                       {"note", ColumnType::varchar}};
    dataset_.tenant_column = 0;
    plan_ = everything();
    plan_of_two_ = plan_over({0, 1});
  }
  ~IndexBinding() override { executor_.reset(); }

  // Builds a snapshot of kRowCount rows. Its clicks differ from those of every other `seed`.
  SnapshotFiles build(const std::string& name, int seed, executor::Layout columns = {{1}, {0, 1, 2, 3}}) {
    std::string text = "tenant,day,clicks,note\n";
    for (int i = 0; i < kRowCount; ++i) {
      text += "t" + std::to_string(i % 3) + ",2024-01-0" + std::to_string(i % 9 + 1) + "," +
              std::to_string((i * 7919) % kRowCount + seed * kRowCount) + ",n" + std::to_string(i) + "\n";
    }
    auto request = this->request({write(name + ".csv", text)}, kRowCount);
    request.layout.sort_columns = columns.sort_columns;
    request.layout.indexed_columns = columns.indexed_columns;
    request.name = name;
    const auto built = executor_->materialize(request);
    EXPECT_TRUE(built) << built.error().error.detail;
    return files_of(name);
  }
  std::shared_ptr<const executor::Snapshot> attach(const SnapshotFiles& files) {
    auto snapshot = IndexBinding::LocalScene::attach(files.base.filename().string());
    EXPECT_TRUE(snapshot) << snapshot.error().detail;
    return snapshot ? *snapshot : nullptr;
  }
  query::Plan plan_over(const std::vector<std::size_t>& columns) const {
    auto shape = std::make_shared<query::PlanShape>();
    shape->id = next_shape();
    shape->schema = dataset_.schema;
    query::Plan out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& column = dataset_.schema[columns[i]];
      shape->projections.push_back({column.name, columns[i], column.type, {}});
      shape->order.push_back({i, false});
      out.columns.push_back(i);
    }
    out.shape = std::move(shape);
    out.limit = 1000;
    return out;
  }
  std::vector<std::string> sorted_by(const SnapshotFiles& files) {
    const auto reader = index::Reader::open(files.index(), dataset_.schema);
    EXPECT_TRUE(reader) << reader.error().detail;
    std::vector<std::string> names;
    for (const index::Column* column : (*reader)->sort_columns()) names.push_back(column->name);
    return names;
  }
  static void await_ready(const executor::Snapshot& snapshot) {
    await([&] { return snapshot.index_status().state == State::ready; });
  }

  WarningLog& log_ = *new WarningLog;  // owned by logging_
  telemetry::Telemetry logging_{nullptr, std::unique_ptr<telemetry::Log>(&log_)};
  query::Plan plan_;
  query::Plan plan_of_two_;
};

TEST_F(IndexBinding, Attach_IndexOfAnotherSnapshot_IsNotUsedAndRebuilt) {
  const SnapshotFiles a = build("a.b1", 1);
  const SnapshotFiles b = build("b.b1", 2);
  const std::string expected = run(plan_, attach(b))->json;
  ASSERT_NE(run(plan_, attach(a))->json, expected);
  std::filesystem::copy_file(a.index(), b.index(), std::filesystem::copy_options::overwrite_existing);
  const auto snapshot = attach(b);
  EXPECT_EQ(run(plan_, snapshot)->json, expected);
  await_ready(*snapshot);
  const auto rows = run(plan_, snapshot);
  EXPECT_EQ(rows->json, expected);
  EXPECT_EQ(rows->by, "index");
  const auto reader = index::Reader::open(b.index(), dataset_.schema);
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->snapshot(), snapshot->fingerprint());
  EXPECT_THAT(log_.lines(), ElementsAre(AllOf(HasSubstr("dataset=d"), HasSubstr("another snapshot"))));
}

TEST_F(IndexBinding, Attach_DamagedIndex_LogsDatasetAndReason) {
  const SnapshotFiles files = build("a.b1", 1);
  std::string bytes = *read_file(files.index(), 1 << 24);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  std::ofstream(files.index(), std::ios::binary | std::ios::trunc) << bytes;
  const auto snapshot = attach(files);
  await_ready(*snapshot);
  EXPECT_THAT(log_.lines(),
              ElementsAre(AllOf(HasSubstr("dataset=d"), HasSubstr("the hash of a section does not match"))));
  EXPECT_EQ(run(plan_, snapshot)->by, "index");
}

TEST_F(IndexBinding, Attach_IndexCannotBeRebuilt_LogsItAndDuckDbAnswers) {
  const SnapshotFiles files = build("a.b1", 1);
  const std::string expected = run(plan_, attach(files))->json;
  std::filesystem::remove(files.index());
  std::filesystem::create_directories(files.index() / "in the way");
  const auto snapshot = attach(files);
  await([&] { return snapshot->index_status().state == State::failed; });
  EXPECT_NE(snapshot->index_status().reason, "");
  EXPECT_THAT(log_.lines().back(), AllOf(HasSubstr("cannot be built"), HasSubstr("dataset=d")));
  EXPECT_EQ(run(plan_, snapshot)->json, expected);
  EXPECT_EQ(run(plan_, snapshot)->by, "duckdb");
}

TEST_F(IndexBinding, Run_IndexFileTruncated_AnswersAndRebuilds) {
  const SnapshotFiles files = build("a.b1", 1);
  const auto snapshot = attach(files);
  const std::string expected = run(plan_, snapshot)->json;
  std::filesystem::resize_file(files.index(), 0);
  await([&] {
    const auto rows = run(plan_, snapshot);
    EXPECT_EQ(rows->json, expected);
    return std::filesystem::file_size(files.index()) > 0 && rows->by == "index";
  });
  EXPECT_EQ(snapshot->index_status().state, State::ready);
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("a page of its file could not be read")));
}

TEST_F(IndexBinding, WantLayout_MoreColumns_ServesTheOldIndexUntilRebuilt) {
  const SnapshotFiles files = build("a.b1", 1, {{1}, {0, 1}});
  const auto snapshot = attach(files);
  const auto before = run(plan_, snapshot);
  EXPECT_EQ(before->by, "duckdb");
  executor_->want_layout(snapshot, dataset_, {{1}, {0, 1, 2, 3}});
  await([&] {
    EXPECT_EQ(run(plan_of_two_, snapshot)->by, "index") << "what it had, it answers meanwhile";
    return run(plan_, snapshot)->by == "index";
  });
  EXPECT_EQ(run(plan_, snapshot)->json, before->json);
  EXPECT_EQ(snapshot->index_status().state, State::ready);
  EXPECT_THAT(log_.lines(), ElementsAre());
}

TEST_F(IndexBinding, WantLayout_OtherSortOrder_RebuildsTheIndex) {
  const SnapshotFiles files = build("a.b1", 1);
  EXPECT_THAT(sorted_by(files), ElementsAre("tenant", "day"));
  const auto snapshot = attach(files);
  const std::string expected = run(plan_, snapshot)->json;
  {
    const auto held = log_.hold();  // the rebuild cannot end
    executor_->want_layout(snapshot, dataset_, {{2, 1}, {0, 1, 2, 3}});
    EXPECT_EQ(snapshot->index_status().state, State::building);
  }
  await_ready(*snapshot);
  EXPECT_THAT(sorted_by(files), ElementsAre("tenant", "clicks", "day"));
  EXPECT_EQ(run(plan_, snapshot)->json, expected);
  EXPECT_EQ(run(plan_, snapshot)->by, "index");
}

TEST_F(IndexBinding, WantLayout_SameLayout_KeepsTheIndex) {
  const SnapshotFiles files = build("a.b1", 1);
  const auto written = std::filesystem::last_write_time(files.index());
  const auto snapshot = attach(files);
  executor_->want_layout(snapshot, dataset_, {{1}, {3, 2, 1, 0, 0}});
  EXPECT_EQ(snapshot->index_status().state, State::ready);
  executor_->stop();
  EXPECT_EQ(std::filesystem::last_write_time(files.index()), written);
}

TEST_F(IndexBinding, WantLayout_AfterARestart_KeepsTheRebuiltIndex) {
  const SnapshotFiles files = build("a.b1", 1, {{1}, {0, 1}});
  auto snapshot = attach(files);
  executor_->want_layout(snapshot, dataset_, {{2}, {0, 1, 2, 3}});
  await_ready(*snapshot);
  snapshot = nullptr;
  executor_ = std::move(*open_local_executor(options_, logging_));
  snapshot = attach(files);
  executor_->want_layout(snapshot, dataset_, {{2}, {0, 1, 2, 3}});
  EXPECT_EQ(snapshot->index_status().state, State::ready);
  EXPECT_EQ(run(plan_, snapshot)->by, "index");
}

TEST_F(IndexBinding, WantLayout_ChangedUnderReaders_EndsWithTheLastLayout) {
  const SnapshotFiles files = build("a.b1", 1);
  const auto snapshot = attach(files);
  const std::string expected = run(plan_, snapshot)->json;
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!over) {
        const auto rows = run(plan_, snapshot);
        if (!rows || rows->json != expected) ++wrong;
      }
    });
  }
  for (std::size_t round = 0; round < 40; ++round) {
    executor_->want_layout(snapshot, dataset_, {{1 + round % 3}, {0, 1, 2, 3}});
    // The query takes some time, so that some layouts are requested while another one is built.
    if (const auto rows = run(plan_, snapshot); !rows || rows->json != expected) ++wrong;
  }
  executor_->want_layout(snapshot, dataset_, {{3, 1}, {0, 1, 2, 3}});
  await_ready(*snapshot);
  over = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_THAT(sorted_by(files), ElementsAre("tenant", "note", "day"));
}

TEST_F(IndexBinding, WantLayout_SnapshotRetired_IsNotBuilt) {
  const SnapshotFiles files = build("b.b1", 2);
  const auto before = attach(build("a.b1", 1));
  auto snapshot = attach(files);
  const auto after = attach(build("c.b1", 3));
  {
    // Indexes are built one at a time, in the order of the requests, and the first one cannot end.
    const auto held = log_.hold();
    for (const auto& each : {before, snapshot}) executor_->want_layout(each, dataset_, {{2}, {0, 1, 2, 3}});
    snapshot->retire();
  }
  executor_->want_layout(after, dataset_, {{2}, {0, 1, 2, 3}});
  await_ready(*after);
  EXPECT_THAT(sorted_by(files), ElementsAre("tenant", "day"));
  snapshot = nullptr;
  await(
      [&] { return !std::filesystem::exists(files.database()) && !std::filesystem::exists(files.index()); });
  EXPECT_THAT(log_.lines(), ElementsAre());
}

// A fixture for the slot alone. Tests choose the times.
class IndexSlotTest : public IndexBinding {
 protected:
  static index::WantedLayout layout(std::uint64_t id) {
    index::WantedLayout wanted;
    wanted.indexed_columns = {0};
    wanted.id = id;
    return wanted;
  }
  static IndexSlot::Time at(std::chrono::minutes minutes) { return IndexSlot::Time{minutes}; }
  IndexSlot slot_;
};

TEST_F(IndexSlotTest, Lose_CalledTwice_QueuesOneRebuild) {
  EXPECT_TRUE(slot_.lose(nullptr, "lost"));
  EXPECT_FALSE(slot_.lose(nullptr, "lost"));
  EXPECT_FALSE(slot_.want(layout(1), at({})));
  EXPECT_EQ(slot_.begin()->id, 1U);
}

TEST_F(IndexSlotTest, Failed_OtherLayoutWantedMeanwhile_QueuesARebuild) {
  EXPECT_TRUE(slot_.want(layout(1), at({})));
  EXPECT_EQ(slot_.begin()->id, 1U);
  EXPECT_FALSE(slot_.want(layout(2), at({})));
  EXPECT_TRUE(slot_.failed("no room", at({})));
  EXPECT_EQ(slot_.begin()->id, 2U);
  EXPECT_FALSE(slot_.failed("no room", at({})));
  EXPECT_EQ(slot_.status().state, State::failed);
}

TEST_F(IndexSlotTest, Lose_ReplacedReader_QueuesNoRebuild) {
  const auto old = *index::Reader::open(build("a.b1", 1).index(), dataset_.schema);
  const auto now = *index::Reader::open(build("b.b1", 2).index(), dataset_.schema);
  slot_.place(old);
  slot_.place(now);
  EXPECT_FALSE(slot_.lose(old.get(), "too late"));
  EXPECT_EQ(slot_.reader(), now);
  EXPECT_EQ(slot_.status().state, State::ready);
  EXPECT_TRUE(slot_.lose(now.get(), "lost"));
  EXPECT_EQ(slot_.reader(), nullptr);
}

TEST_F(IndexSlotTest, Rebuilt_OtherLayoutWantedMeanwhile_QueuesARebuild) {
  const auto built = *index::Reader::open(build("a.b1", 1).index(), dataset_.schema);
  EXPECT_TRUE(slot_.want(layout(1), at({})));
  EXPECT_EQ(slot_.begin()->id, 1U);
  EXPECT_FALSE(slot_.want(layout(2), at({})));
  EXPECT_TRUE(slot_.rebuilt(built));
  EXPECT_EQ(slot_.reader(), built) << "which answers meanwhile";
  EXPECT_EQ(slot_.begin()->id, 2U);
}

TEST_F(IndexSlotTest, Want_AfterAFailure_RetriesLaterButOtherLayoutsAtOnce) {
  using std::chrono::minutes;
  EXPECT_TRUE(slot_.want(layout(1), at({})));
  EXPECT_TRUE(slot_.begin());
  EXPECT_FALSE(slot_.failed("no room", at({})));
  EXPECT_FALSE(slot_.want(layout(1), at(minutes(14))));
  EXPECT_EQ(slot_.status().reason, "no room");
  EXPECT_TRUE(slot_.want(layout(1), at(minutes(15))));
  EXPECT_TRUE(slot_.begin());
  EXPECT_FALSE(slot_.failed("no room", at(minutes(15))));
  EXPECT_TRUE(slot_.want(layout(2), at(minutes(15))));
}

TEST_F(IndexSlotTest, Want_NoColumns_HasNoIndex) {
  EXPECT_FALSE(slot_.want(index::WantedLayout{}, at({})));
  EXPECT_EQ(slot_.status().state, State::none);
}

}  // namespace
}  // namespace offloader::local_executor
