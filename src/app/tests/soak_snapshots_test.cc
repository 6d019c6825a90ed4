// Swapping snapshots in the real program while clients in another process read (snapshots.md). The short
// version checks answers only; OFFLOADER_SOAK=1 (`make soak`) also checks times and memory.

#include <algorithm>
#include <thread>
#include <vector>

#include "sanitized.h"
#include "snapshot_scene.h"

namespace offloader::app {
namespace {

using Clock = std::chrono::steady_clock;

class SoakSnapshots : public SnapshotScene {
 protected:
  void swap_under_readers(const std::string& index);
  std::chrono::milliseconds until_all_serve();
};

void SoakSnapshots::swap_under_readers(const std::string& index) {
  const std::size_t datasets = soak() ? 20 : 4;
  const std::size_t swaps = soak() ? 200 : 24;
  make_project(datasets, 20);
  start({{"OFFLOADER_INDEX", index}});
  const LoadPlan plan = readers();
  LoadClient reading(plan);
  // Wait until all of them read, because their connections are open files, too. Each connection sends one
  // request before any sends a second one, and at most every eighth request is for this endpoint.
  const auto connections = static_cast<double>(plan.connections);
  ASSERT_TRUE(await([&] {
    return server_->metric("offloader_connections{port=\"api\"}") >= connections &&
           server_->metric("offloader_requests_total{endpoint=\"d0_page\",status=\"ok\"}") > connections / 8;
  })) << server_->log();
  std::size_t files = 0;
  for (std::size_t swap = 0; swap < swaps; ++swap) {
    const std::size_t dataset = swap % datasets;
    const std::uint64_t number = project_->publish(dataset);
    const auto report = refresh(NumberedProject::id(dataset));
    ASSERT_EQ(report["status"], "ok") << report;
    const auto seen = page(dataset);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->snapshot, number) << "the next request sees the swap";
    // From here on every dataset has two snapshots, and no swap may add open files.
    if (swap + 1 == 2 * datasets) files = settled_files();
  }
  // A file that is open for a moment, such as one that a thread reads from /proc, is no leak.
  std::size_t at_end = 0;
  EXPECT_TRUE(await([&] { return (at_end = settled_files()) <= files; })) << "each swap leaves files open";
  reading.stop();
  expect_sound(("index " + index + ", " + std::to_string(swaps) + " swaps").c_str(), reading.finish());
  std::printf("open files: %zu after %zu swaps, %zu after %zu\n", files, 2 * datasets, at_end, swaps);
  EXPECT_EQ(server_->stop(), 0) << server_->log();
  EXPECT_EQ(disorder(), "") << "a shutdown takes none of them";
}

TEST_F(SoakSnapshots, Swap_ReadersOfTheIndex_SeeWholeSnapshotsOnly) {
  swap_under_readers("on");
}

TEST_F(SoakSnapshots, Swap_ReadersOfDuckdb_SeeWholeSnapshotsOnly) {
  swap_under_readers("off");
}

// Returns how long a new process takes until every endpoint has answered, with retries.
std::chrono::milliseconds SoakSnapshots::until_all_serve() {
  const auto begun = Clock::now();
  launch();
  for (std::size_t dataset = 0; dataset < project_->datasets(); ++dataset) {
    for (const char* kind : {"_page?limit=10", "_sums"}) {
      const std::string endpoint = NumberedProject::id(dataset) + kind;
      EXPECT_TRUE(await([&] { return status_of(endpoint) == 200; })) << endpoint << "\n" << server_->log();
    }
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
}

TEST_F(SoakSnapshots, Restart_WarmCache_ServesEveryEndpointWithinTwoSeconds) {
  make_project(soak() ? 50 : 5, soak() ? 100'000 : 2000);
  start();
  for (std::size_t dataset = 0; dataset < project_->datasets(); ++dataset) {
    project_->publish(dataset);
    const auto report = refresh(NumberedProject::id(dataset));
    ASSERT_EQ(report["status"], "ok") << report;
  }
  ASSERT_EQ(await_settled(), "");
  ASSERT_EQ(server_->stop(), 0) << server_->log();
  // The source is not needed to serve: it does not exist.
  std::filesystem::rename(project_->root() / "data", folder_.path() / "data");
  for (const int round : {1, 2, 3}) {
    const auto taken = until_all_serve();
    std::printf("restart %d: %zu datasets, all endpoints served after %lld ms\n", round, project_->datasets(),
                static_cast<long long>(taken.count()));
    for (std::size_t dataset = 0; dataset < project_->datasets(); ++dataset) {
      const auto seen = page(dataset);
      ASSERT_TRUE(seen);
      EXPECT_EQ(seen->snapshot, project_->newest(dataset));
    }
    if (soak()) {
      EXPECT_LT(taken, std::chrono::seconds(2));
    }
    EXPECT_EQ(disorder(), "") << "the previous ones are kept as well";
    EXPECT_EQ(server_->stop(), 0) << server_->log();
  }
}

TEST_F(SoakSnapshots, Memory_TwoHundredRefreshes_DoesNotGrow) {
  make_project(1, soak() ? 1'000'000 : 20'000);
  start();
  const int early = soak() ? 20 : 3;
  const int refreshes = soak() ? 200 : 9;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  for (int number = 1; number <= refreshes; ++number) {
    project_->publish(0);  // a new id each time, so the previous snapshot is kept
    const auto report = refresh(NumberedProject::id(0));
    ASSERT_EQ(report["status"], "ok") << report;
    ASSERT_EQ(status_of("d0_page?limit=1000"), 200);
    ASSERT_EQ(status_of("d0_sums"), 200);
    if (number % early != 0) continue;
    ASSERT_EQ(await_settled(), "");
    after = server_->memory("VmRSS");
    if (number == early) before = after;
    std::printf("resident after %d refreshes: %.1f MB\n", number, static_cast<double>(after) / 1e6);
    std::fflush(stdout);
  }
  if (soak() && !kSanitized) {
    EXPECT_LT(static_cast<double>(after), 1.1 * static_cast<double>(before));
  }
}

TEST_F(SoakSnapshots, Build_Slow_DelaysNoCachedReadsOrProbes) {
  make_project(2, 40);
  start();
  LoadPlan cached = readers();
  cached.judge = nullptr;
  cached.request = [](std::uint64_t) {
    return "GET /v1/endpoints/d1_page HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
           NumberedProject::token("north") + "\r\n\r\n";
  };
  // Well below capacity, so that this measures the answers and not a queue.
  cached.rate = soak() ? 2000 : 200;
  // Compare each build with the idle server just before it, so that other load on the machine affects both.
  std::vector<double> ratios;
  for (int round = 0; round < (soak() ? 5 : 1); ++round) {
    cached.duration = soak() ? std::chrono::seconds(5) : std::chrono::seconds(1);
    const LoadResult idle = run_load(cached);

    project_->resize(0, soak() ? 10'000'000 : 200'000);
    const std::uint64_t number = project_->publish(0);
    ASSERT_EQ(post("/datasets/d0/refresh?wait=false").status, 202);
    const auto building = [this] { return !diagnostics()["datasets"][0]["building"].is_null(); };
    // The build may end before it is seen.
    ASSERT_TRUE(await([&] {
      if (building()) return true;
      const auto seen = page(0);
      return seen && seen->snapshot == number;
    }));
    const auto answered = [this] {
      return server_->metric("offloader_requests_total{endpoint=\"d1_page\",status=\"ok\"}");
    };
    const double answered_before = answered();
    const auto begun = Clock::now();
    LoadPlan meanwhile = cached;
    meanwhile.duration = std::chrono::hours(1);
    LoadClient reading(meanwhile);
    LatencyHistogram probes;
    HttpClient probe(server_->admin_port());
    // Ten probes per request for diagnostics, because diagnostics are work, too. At least until a reader was
    // answered, even if that is after the build.
    for (int i = 0; i % 10 != 0 || building() || answered() == answered_before; ++i) {
      for (const char* target : {"/live", "/ready"}) {
        const auto asked = Clock::now();
        EXPECT_EQ(probe.get(target).status, 200);
        probes.add(static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - asked).count()));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    reading.stop();
    const LoadResult busy = reading.finish();
    std::printf("a build of %lld rows took %.1f s\n", static_cast<long long>(soak() ? 10'000'000 : 200'000),
                std::chrono::duration<double>(Clock::now() - begun).count());
    std::printf("cached reads: p50 %.3f p99 %.3f ms idle, p50 %.3f p99 %.3f ms meanwhile (%llu)\n",
                idle.ok.quantile_ms(0.5), idle.ok.quantile_ms(0.99), busy.ok.quantile_ms(0.5),
                busy.ok.quantile_ms(0.99), static_cast<unsigned long long>(busy.ok.count()));
    std::printf("probes: p50 %.3f p99 %.3f longest %.3f ms\n", probes.quantile_ms(0.5),
                probes.quantile_ms(0.99), probes.quantile_ms(1));
    for (const LoadResult* result : {&idle, &busy}) {
      EXPECT_EQ(result->errors + result->other + result->shed.count(), 0U);
      EXPECT_GT(result->ok.count(), 0U);
    }
    const auto seen = page(0);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->snapshot, number) << "the build ended well";
    ratios.push_back(busy.ok.quantile_ms(0.99) / idle.ok.quantile_ms(0.99));
    if (soak()) {
      EXPECT_LT(probes.quantile_ms(1), 50);
    }
  }
  std::ranges::sort(ratios);
  if (soak()) {
    EXPECT_LT(ratios[ratios.size() / 2], 3) << "the median of " << ratios.size();
  }
}

}  // namespace
}  // namespace offloader::app
