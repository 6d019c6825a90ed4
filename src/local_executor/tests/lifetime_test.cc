#include <gmock/gmock.h>

#include <atomic>
#include <fstream>

#include "instance_ledger.h"
#include "janitor.h"
#include "remote_scene.h"
#include "serving_instance.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using ::testing::HasSubstr;

class LifetimeTest : public RemoteScene {
 protected:
  LifetimeTest() { dataset_.schema = {{"n", ColumnType::bigint}, {"text", ColumnType::varchar}}; }
  std::shared_ptr<const executor::Snapshot> built(const std::vector<manifest::ResolvedFile>& files) {
    const auto done = executor_->materialize(request(files, std::nullopt));
    EXPECT_TRUE(done) << done.error().error.detail << to_text(done.error().findings);
    auto snapshot = attach();
    EXPECT_TRUE(snapshot) << snapshot.error().detail;
    return *snapshot;
  }
};

TEST_F(LifetimeTest, Retire_LastReaderReleased_DeletesTheFiles) {
  auto snapshot = built({write("a.csv", "n,text\n1,a\n")});
  auto reader = snapshot;
  EXPECT_TRUE(run(everything(), snapshot));
  snapshot->retire();
  snapshot->retire();
  snapshot.reset();
  EXPECT_TRUE(run(everything(), reader)) << "it is still there for who holds it";
  EXPECT_TRUE(std::filesystem::exists(files().database()));
  reader.reset();
  await([&] { return std::filesystem::is_empty(root_ / "cache/datasets/d"); });
}

TEST_F(LifetimeTest, Release_SnapshotNotRetired_KeepsTheFiles) {
  built({write("a.csv", "n,text\n1,a\n")}).reset();
  executor_->stop();  // waits for the janitor's queued work
  EXPECT_TRUE(std::filesystem::exists(files().database()));
}

TEST_F(LifetimeTest, Release_RetiredSnapshotAfterStop_DeletesTheFiles) {
  auto snapshot = built({write("a.csv", "n,text\n1,a\n")});
  executor_->stop();
  executor_->stop();
  snapshot->retire();
  snapshot.reset();
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "cache/datasets/d"));
}

TEST_F(LifetimeTest, Retire_SnapshotsReplacedUnderReaders_EveryQuerySucceeds) {
  const auto file = write("a.csv", "n,text\n1,a\n");
  std::shared_ptr<const executor::Snapshot> current = built({file});
  std::mutex current_mutex;
  std::atomic<bool> done{false};
  std::atomic<int> answers{0};
  std::vector<std::thread> readers;
  const auto plan = everything();
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        std::shared_ptr<const executor::Snapshot> mine;
        {
          const std::lock_guard lock(current_mutex);
          mine = current;
        }
        const auto rows = run(plan, std::move(mine));
        EXPECT_TRUE(rows) << rows.error().detail;
        ++answers;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    auto next = request({file}, 1);
    next.name = "s" + std::to_string(i) + ".b2";
    ASSERT_TRUE(executor_->materialize(next));
    auto attached = attach(next.name);
    ASSERT_TRUE(attached);
    {
      const std::lock_guard lock(current_mutex);
      current->retire();
      current.swap(*attached);
    }
    const int seen = answers;
    await([&] { return answers > seen + 1; });
  }
  done = true;
  for (auto& reader : readers) reader.join();
  current->retire();
  current.reset();
  await([&] { return std::filesystem::is_empty(root_ / "cache/datasets/d"); });
}

TEST_F(LifetimeTest, Materialize_Cancelled_LeavesNoFile) {
  const auto file = parquet("t.parquet", "SELECT range AS n, 'text ' || range AS text FROM range(300000)");
  auto cancelled = remote_request({upload(file)});
  cancelled.cancel = std::make_shared<CancelFlag>();
  const std::string building = files_of(".partial-s1.b1").database().string() + ".building";
  // The rows do not arrive before the build is cancelled, so that it cannot end.
  std::atomic<bool> loading{false};
  store_->before_read([&](const MemoryStore::Asked&) -> Result<void> {
    if (!std::filesystem::exists(building)) return {};
    loading = true;
    await([&] { return cancelled.cancel->cancelled(); });
    return {};
  });
  auto build = std::async(std::launch::async, [&] { return executor_->materialize(cancelled); });
  await([&] { return loading.load(); });
  cancelled.cancel->cancel();
  const auto result = build.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().error.code, ErrorCode::cancelled) << result.error().error.detail;
  EXPECT_TRUE(result.error().findings.empty());
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "cache/datasets/d"));
}

TEST_F(LifetimeTest, Verify_FlippedBit_IsCorrupt) {
  const auto done = executor_->materialize(request({write("a.csv", "n,text\n1,a\n")}, 1));
  ASSERT_TRUE(done);
  const SnapshotFiles files = this->files();
  const executor::Stored stored{.handle = kName, .checksum = done->checksum};
  CancelFlag cancel;
  EXPECT_TRUE(executor_->verify("d", stored, cancel));
  const auto size = std::filesystem::file_size(files.database());
  for (std::uint64_t at = 0; at < size; at += 1 + size / 20) {
    std::fstream file(files.database(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int was = file.get();
    const auto put = [&](int byte) {
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(byte));
      file.flush();
    };
    put(was ^ 16);
    EXPECT_EQ(executor_->verify("d", stored, cancel).error().code, ErrorCode::corrupt) << at;
    put(was);
  }
  EXPECT_TRUE(executor_->verify("d", stored, cancel));
  cancel.cancel();
  EXPECT_EQ(executor_->verify("d", stored, cancel).error().code, ErrorCode::cancelled);
}

TEST_F(LifetimeTest, Progress_OfABuild_NeverDecreasesAndEndsAtOne) {
  auto watched = request({write("a.csv", "n,text\n1,a\n")}, 1);
  std::vector<double> seen;
  watched.progress = [&](double done) { seen.push_back(done); };
  ASSERT_TRUE(executor_->materialize(watched));
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_EQ(seen.back(), 1);
}

TEST_F(LifetimeTest, Materialize_FileMissing_IsUnavailable) {
  const auto result = executor_->materialize(request({file_of("none.csv", manifest::FileFormat::csv)}, 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().error.code, ErrorCode::unavailable);
  EXPECT_TRUE(result.error().findings.empty());
}

TEST_F(LifetimeTest, Materialize_CompressedCsv_IsDetectedByItsExtension) {
  sql("COPY (SELECT 1 AS n, 'gzip' AS text) TO '" + (root_ / "a.csv.gz").string() +
      "' (HEADER, COMPRESSION gzip)");
  sql("COPY (SELECT 2 AS n, 'zstd' AS text) TO '" + (root_ / "b.csv.zst").string() +
      "' (HEADER, COMPRESSION zstd)");
  EXPECT_EQ(answer({file_of("a.csv.gz", manifest::FileFormat::csv),
                    file_of("b.csv.zst", manifest::FileFormat::csv)}),
            R"([{"n":1,"text":"gzip"},{"n":2,"text":"zstd"}])");
}

TEST_F(LifetimeTest, Materialize_CsvColumnOrderDiffersByFile_IsAccepted) {
  EXPECT_EQ(answer({write("a.csv", "text,n\n\"two\nlines, \"\"quoted\"\"\",1\n"),
                    write("b.csv", "n,text\r\n2,\r\n3,\"\"\r\n")}),
            R"([{"n":1,"text":"two\nlines, \"quoted\""},{"n":2,"text":null},{"n":3,"text":""}])");
}

TEST_F(LifetimeTest, Materialize_InvalidValueInALargeCsv_ReportsItsRow) {
  std::string text = "n,text\n";
  for (int i = 1; i <= 400000; ++i)
    text += i == 300000 ? "1.5,some more text\n" : "1,some more text that fills buffers\n";
  EXPECT_THAT(refusal({write("big.csv", text)}), HasSubstr("Row 300000"));
}

TEST_F(LifetimeTest, Materialize_MalformedCsv_ReportsFileAndLine) {
  const auto good = write("good.csv", "n,text\n1,a\n");
  const auto wide = refusal({good, write("wide.csv", "n,text\n1,a\n2,b,c\n")});
  EXPECT_THAT(wide,
              HasSubstr("wide.csv:3: schema_data_mismatch: Line 3 has 3 fields, but the header has 2."));
  EXPECT_THAT(wide, ::testing::Not(HasSubstr("good.csv")));
  EXPECT_THAT(refusal({write("latin.csv", "n,text\n1,caf\xe9\n")}),
              HasSubstr("latin.csv: schema_data_mismatch: Line 2: the text is not UTF-8"));
}

TEST_F(LifetimeTest, Materialize_CsvRowCountDiffersFromManifest_IsRejected) {
  auto one = write("a.csv", "n,text\n1,a\n");
  auto two = write("b.csv", "n,text\n1,a\n2,b\n");
  one.declared.row_count = 2;
  two.declared.row_count = 2;
  EXPECT_THAT(refusal({one, two}),
              HasSubstr("a.csv: row_count_mismatch: The file has 1 rows, but the manifest declares 2"));
  EXPECT_THAT(refusal({one}), HasSubstr("a.csv: row_count_mismatch"));
  const auto remote = scan(request({one}, 1).source.manifest, {one});
  ASSERT_FALSE(remote);
  EXPECT_THAT(to_text(remote.error().findings), HasSubstr("a.csv: row_count_mismatch"));
}

TEST_F(LifetimeTest, Fingerprint_RowsReordered_IsTheSame) {
  const auto print = [&](const std::string& text) {
    const auto done = executor_->materialize(request({write("a.csv", text)}, std::nullopt));
    EXPECT_TRUE(done);
    return done->fingerprint;
  };
  const auto first = print("n,text\n1,a\n2,b\n2,b\n");
  EXPECT_EQ(print("n,text\n2,b\n1,a\n2,b\n"), first);
  EXPECT_NE(print("n,text\n1,a\n2,b\n"), first);
  EXPECT_NE(print("n,text\n1,a\n2,b\n2,\n"), first);
}

TEST_F(LifetimeTest, LedgerBytes_OpenInstances_AreCountedAndCached) {
  const auto file = write("a.csv", "n,text\n1,a\n");
  const auto remote = scan(request({file}, 1).source.manifest, {file});
  ASSERT_TRUE(remote);
  EXPECT_TRUE(executor_->healthy());
  InstanceLedger ledger(std::chrono::milliseconds(0));
  InstanceLedger told_already(std::chrono::hours(1));
  EXPECT_EQ(told_already.bytes(), 0U);
  auto database = *duckdb::open_instance({1, 0, false, {}, {}, {}, {}});
  ledger.add(database);
  told_already.add(database);
  {
    auto connection = *duckdb::Connection::open(database);
    ASSERT_TRUE(connection.query("CREATE TABLE t AS SELECT range AS n FROM range(1000000)"));
  }
  EXPECT_GT(ledger.bytes(), 1'000'000U);
  EXPECT_EQ(told_already.bytes(), 0U) << "it is not asked again so soon";
  database.reset();
  EXPECT_EQ(ledger.bytes(), 0U);
}

TEST(RemoteMemory, Take_Repeatedly_HalvesDownToTheFloor) {
  RemoteMemory memory(1 << 30);
  const auto first = memory.take();
  const auto second = memory.take();
  EXPECT_EQ(first, 1U << 29);
  EXPECT_EQ(second, 1U << 28);
  memory.give_back(second);
  memory.give_back(first);
  EXPECT_EQ(memory.take(), first);

  RemoteMemory little(1);
  EXPECT_EQ(little.take(), RemoteMemory::kFloor);
  EXPECT_EQ(little.take(), RemoteMemory::kFloor);
  little.give_back(RemoteMemory::kFloor);
  little.give_back(RemoteMemory::kFloor);
  EXPECT_EQ(little.take(), RemoteMemory::kFloor);
}

TEST_F(LifetimeTest, Rebuild_OneFileMissing_ServesTheOthers) {
  ASSERT_TRUE(executor_->materialize(request({write("a.csv", "n,text\n1,a\n")}, 1)));
  auto other = request({write("b.csv", "n,text\n2,b\n")}, 1);
  other.name = "s2.b1";
  ASSERT_TRUE(executor_->materialize(other));
  auto serving = ServingInstance::open({1, 0, true, {}, {}, {(root_ / "cache/datasets").string()}, {}});
  ASSERT_TRUE(serving) << serving.error().detail;
  ASSERT_TRUE((*serving)->attach(7, files(), dataset_));
  ASSERT_TRUE((*serving)->attach(8, files_of(other.name), dataset_));
  std::filesystem::remove(files_of(other.name).database());
  const std::weak_ptr<duckdb::Database> old = (*serving)->database();
  ASSERT_TRUE((*serving)->rebuild());
  EXPECT_TRUE(old.expired());
  auto connection = *duckdb::Connection::open((*serving)->database());
  const auto rows = connection.rows("SELECT n FROM " + ServingInstance::source_of(7));
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ((*rows)[0][0], "1");
  const auto lost = connection.rows("SELECT n FROM " + ServingInstance::source_of(8));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::corrupt) << lost.error().detail;
}

TEST(Janitor, Stop_TasksQueued_RunsThemAndLaterOnesAtOnce) {
  Janitor janitor;
  ASSERT_TRUE(janitor.start("janitor"));
  std::promise<void> go;
  std::string done;
  janitor.post([&, ready = go.get_future().share()] {
    ready.wait();
    done += "a";
  });
  janitor.post([&] { done += "b"; });
  go.set_value();
  janitor.stop();
  EXPECT_EQ(done, "ab");
  janitor.post([&] { done += "c"; });
  EXPECT_EQ(done, "abc");
}

}  // namespace
}  // namespace offloader::local_executor
