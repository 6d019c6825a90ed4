#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/executor/testing/fake_executor.h"
#include "offloader/snapshot_cache/cache_folder.h"

namespace offloader::snapshot_cache {
namespace {

namespace fs = std::filesystem;
using executor::testing::FakeExecutor;

// Runs in the child process: activates snapshots as the refresher does, until it is killed.
[[noreturn]] void swap_for_ever(const fs::path& root) {
  auto folder = CacheFolder::open(root);
  if (!folder) ::_exit(3);
  FakeExecutor executor(root / "datasets");
  catalog::Dataset dataset;
  dataset.id = "orders";
  WarmDataset warm = folder->recover("orders", executor);
  for (int number = 0;; ++number) {
    SnapshotRecord record;
    record.snapshot_id = "s" + std::to_string(number);
    record.build = folder->new_build();
    executor::Materialization request;
    request.dataset = &dataset;
    request.name = CacheFolder::name_of(record);
    request.source.manifest.snapshot_id = record.snapshot_id;
    request.cancel = std::make_shared<CancelFlag>();
    const auto made = executor.materialize(request);
    if (!made) ::_exit(4);
    record.handle = made->handle;
    record.bytes = made->bytes;
    if (!folder->write_record("orders", record)) ::_exit(5);
    const auto old = warm.previous;
    warm.previous = warm.active;
    warm.active = record;
    if (!folder->write_marks("orders", {.active = record.build,
                                        .previous = warm.previous ? warm.previous->build : "",
                                        .quarantined = ""})) {
      ::_exit(6);
    }
    if (old) {
      folder->forget("orders", *old);
      executor.drop("orders", old->handle);
    }
  }
}

TEST(Crash, SwapSnapshots_KilledAtAnyInstant_LeavesWholeSnapshots) {
  TemporaryFolder temporary;
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::minstd_rand random(seed);
  bool served = false;
  // The first round waits for a whole swap and measures it. The later rounds kill the child at a random
  // instant within about three swaps.
  std::chrono::microseconds one_swap{0};
  for (int round = 0; round < 100; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) swap_for_ever(temporary.path());
    // The kill may hit any step of a swap; the checks below must hold regardless.
    if (round == 0) {
      const auto begun = std::chrono::steady_clock::now();
      while (!fs::exists(temporary.path() / "datasets" / "orders" / "state.json") &&
             ::waitpid(child, nullptr, WNOHANG) == 0) {
        std::this_thread::yield();
      }
      one_swap =
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
    } else {
      ::usleep(static_cast<useconds_t>(
          std::uniform_int_distribution<std::int64_t>(0, 3 * one_swap.count())(random)));
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child gave up with " << WEXITSTATUS(status);

    auto folder = CacheFolder::open(temporary.path());
    ASSERT_TRUE(folder) << folder.error().message;
    FakeExecutor executor(temporary.path() / "datasets");
    const WarmDataset warm = folder->recover("orders", executor);
    // Once a snapshot was activated, every later start finds one.
    ASSERT_TRUE(warm.active || !served);
    served = served || warm.active.has_value();
    std::size_t expected = 0;
    for (const auto* record : {&warm.active, &warm.previous}) {
      if (!*record) continue;
      ++expected;
      const auto content =
          read_file(temporary.path() / "datasets/orders" / ((*record)->handle + ".duckdb"), 1 << 20);
      ASSERT_TRUE(content);
      EXPECT_EQ(*content, "snapshot " + (*record)->snapshot_id);
    }
    std::size_t databases = 0;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(temporary.path() / "datasets" / "orders", none)) {
      if (entry.path().extension() == ".duckdb") ++databases;
    }
    EXPECT_EQ(databases, expected);
  }
  EXPECT_TRUE(served);
}

}  // namespace
}  // namespace offloader::snapshot_cache
