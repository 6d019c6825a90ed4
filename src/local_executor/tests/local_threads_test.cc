// The executor's threads are bounded for all datasets together, and survive exceptions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <new>

#include "remote_scene.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

int threads_of_this_process() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return 0;
}

class LocalThreads : public RemoteScene {
 protected:
  LocalThreads() { dataset_.schema = {{"n", ColumnType::bigint}}; }
};

TEST_F(LocalThreads, Run_CallbackThrows_ThePoolKeepsWorking) {
  options_.use_index = false;
  reopen();
  ASSERT_TRUE(executor_->materialize(request({write("a.csv", "n\n7\n")}, 1)));
  const auto snapshot = attach();
  ASSERT_TRUE(snapshot);
  for (std::size_t i = 0; i < 2 * options_.pool_size; ++i) {
    executor_->run({everything(), *snapshot, std::make_shared<rows::JsonWriter>(), 1, nullptr},
                   [](const Result<executor::Answered>&) { throw std::bad_alloc(); });
  }
  const auto rows = run(everything(), *snapshot);
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ(rows->row_count, 1);
}

TEST_F(LocalThreads, Materialize_SourceThrows_FailsTheBuild) {
  // A separate thread reads CSV. The end of a Parquet file is read when it is opened.
  const std::vector<std::vector<manifest::ResolvedFile>> sources{
      {upload(write("a.csv", "n\n7\n"))},
      {upload(parquet("a.parquet", "SELECT 7::BIGINT AS n")),
       upload(parquet("b.parquet", "SELECT 8::BIGINT AS n"))}};
  store_->before_read([](const MemoryStore::Asked&) -> Result<void> { throw std::bad_alloc(); });
  for (const auto& files : sources) {
    const auto built = executor_->materialize(remote_request(files));
    ASSERT_FALSE(built);
    EXPECT_NE(built.error().error.code, ErrorCode::rejected) << "the data is not to blame";
    EXPECT_TRUE(std::filesystem::is_empty(root_ / "cache/datasets/d"));
  }
}

TEST_F(LocalThreads, Scan_ManyRemoteSnapshots_ShareABoundOnThreads) {
  const auto file = upload(parquet("a.parquet", "SELECT 7::BIGINT AS n"));
  std::vector<std::shared_ptr<const executor::Snapshot>> snapshots;
  for (int i = 0; i < 40; ++i) {
    auto opened = open({file});
    ASSERT_TRUE(opened) << opened.error().error.detail;
    snapshots.push_back(std::move(*opened));
  }
  EXPECT_LT(threads_of_this_process(), 180) << "seven each would be 280";
  const auto rows = run(everything(), snapshots.back());
  ASSERT_TRUE(rows) << rows.error().detail;
}

TEST_F(LocalThreads, Materialize_StoreIsSlow_ReportsItsWaits) {
  class Waits final : public executor::SourceWaits {
   public:
    void begin() override { ++open, ++all; }
    void end() override { --open; }
    void came() override { ++arrivals; }
    std::atomic<int> open{0};
    std::atomic<int> all{0};
    std::atomic<int> arrivals{0};
  };
  auto request = remote_request({upload(write("a.csv", "n\n7\n"))}, 1);
  const auto waits = std::make_shared<Waits>();
  request.waits = waits;
  // A fetch may begin before its reader waits for it. Let none finish before the wait is reported.
  std::atomic<int> came_first{-1};
  store_->before_read([&](const MemoryStore::Asked&) -> Result<void> {
    int none = -1;
    came_first.compare_exchange_strong(none, waits->arrivals.load());
    await([&] { return waits->open.load() > 0; });
    return {};
  });
  ASSERT_TRUE(executor_->materialize(request));
  EXPECT_GT(waits->all.load(), 1);
  EXPECT_EQ(waits->open.load(), 0);
  EXPECT_EQ(came_first.load(), 1) << "the opened file";
  EXPECT_GE(waits->arrivals.load(), 2) << "and what was read of it";
}

TEST_F(LocalThreads, Materialize_StoreHangs_ReportsAnOpenWait) {
  class Waits final : public executor::SourceWaits {
   public:
    void begin() override { ++open; }
    void end() override { --open; }
    std::atomic<int> open{0};
  };
  struct Held {
    manifest::ResolvedFile file;
    bool opened;  // whether the store hangs only after the file is opened
  };
  // DuckDB's threads read the last file beyond its footer.
  for (const auto& [file, opened] : std::vector<Held>{
           {upload(write("a.csv", "n\n7\n")), false},
           {upload(parquet("a.parquet", "SELECT 7::BIGINT AS n")), false},
           {upload(parquet("b.parquet", "SELECT (range * 7919 % 1000003)::BIGINT AS n FROM range(50000)")),
            true}}) {
    SCOPED_TRACE(file.declared.path);
    auto request = remote_request({file});
    const auto waits = std::make_shared<Waits>();
    request.waits = waits;
    request.cancel = std::make_shared<CancelFlag>();
    store_->hang(!opened);
    store_->before_read([&](const MemoryStore::Asked&) -> Result<void> {
      store_->hang(true);
      return {};
    });
    auto built = std::async(std::launch::async, [&] { return executor_->materialize(request); });
    // The store may hang before the reader reports its wait, so await both.
    await([&] { return store_->waiting() > 0 && waits->open.load() > 0; });
    request.cancel->cancel();
    EXPECT_FALSE(built.get());
    EXPECT_EQ(waits->open.load(), 0);
  }
}

}  // namespace
}  // namespace offloader::local_executor
