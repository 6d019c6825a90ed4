// A process that counts and writes is killed at random instants. OFFLOADER_SOAK=1 makes it a hundred.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <random>

#include "offloader/base/testing/manual_clock.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/usage/ledger.h"

namespace offloader::usage {
namespace {

// Shared by both processes: how many answers the child had recorded when a write of them had begun and had
// been completed, and how many it has recorded by now.
struct Progress {
  std::atomic<std::int64_t> written{0};
  std::atomic<std::int64_t> recorded{0};
};

[[noreturn]] void count_until_killed(const std::filesystem::path& folder, Progress& progress) {
  const ManualClock clock;
  const auto telemetry = telemetry::make_silent_telemetry();
  const auto ledger = Ledger::open({.folder = folder}, clock, telemetry->log());
  if (!ledger) ::_exit(1);
  for (std::int64_t n = progress.recorded;; ++n) {
    (*ledger)->record({"key" + std::to_string(n % 200), "acme", "orders", 200, 1, 1, {}});
    progress.recorded = n + 1;
    if (n % 97 != 0) continue;
    if (!(*ledger)->flush()) ::_exit(1);
    progress.written = n + 1;
  }
}

TEST(SoakKill, KilledAtRandomInstants_LosesOnlyWhatWasNotWritten) {
  const int kills = std::getenv("OFFLOADER_SOAK") != nullptr ? 100 : 12;
  void* const shared =
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto& progress = *new (shared) Progress;
  const TemporaryFolder folder;
  const std::filesystem::path usage = folder.path() / "usage";
  std::mt19937 random(std::random_device{}());
  const ManualClock clock;
  std::int64_t total = 0;
  for (int kill = 0; kill < kills; ++kill) {
    progress.written = progress.recorded = 0;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) count_until_killed(usage, progress);
    while (progress.written < 98) ::usleep(100);  // at least one write
    ::usleep(static_cast<useconds_t>(random() % 20'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed: " << status;

    const auto telemetry = telemetry::make_silent_telemetry();
    const auto ledger = Ledger::open({.folder = usage}, clock, telemetry->log());
    ASSERT_TRUE(ledger);
    const Hour now = std::chrono::floor<std::chrono::hours>(clock.now());
    const auto report = (*ledger)->report({.from = now, .to = now + std::chrono::hours(1)});
    ASSERT_TRUE(report);
    ASSERT_EQ(report->lines.size(), 1U);
    const std::int64_t seen = report->lines.front().counts.requests();
    EXPECT_GE(seen, total + progress.written);
    EXPECT_LE(seen, total + progress.recorded + 1);
    total = seen;
    for (const auto& entry : std::filesystem::directory_iterator(usage))
      EXPECT_EQ(entry.path().filename(), "2026-01-31.usage");
  }
  ::munmap(shared, sizeof(Progress));
}

}  // namespace
}  // namespace offloader::usage
