// The real program under load, with clients in their own processes. The short version checks answers only;
// OFFLOADER_SOAK=1 (`make soak`) also checks times.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "load_client.h"
#include "load_project.h"
#include "sanitized.h"
#include "server_process.h"

namespace offloader::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool soak() {
  return std::getenv("OFFLOADER_SOAK") != nullptr;
}

void show(const char* what, const LoadResult& result) {
  std::printf(
      "%-34s %9.0f/s  200: %8llu p50 %7.2f p99 %7.2f ms  503: %8llu p99 %7.2f ms  other %llu errors %llu\n",
      what, result.rate(), static_cast<unsigned long long>(result.ok.count()), result.ok.quantile_ms(0.5),
      result.ok.quantile_ms(0.99), static_cast<unsigned long long>(result.shed.count()),
      result.shed.quantile_ms(0.99), static_cast<unsigned long long>(result.other),
      static_cast<unsigned long long>(result.errors));
  std::fflush(stdout);
}

class SoakLoad : public ::testing::Test {
 protected:
  void start(std::int64_t rows, std::map<std::string, std::string> environment = {}) {
    raise_own_file_limit();
    write_load_project(folder_.path() / "project", rows);
    environment.emplace("OFFLOADER_ACCESS_LOG", "off");
    server_ = std::make_unique<ServerProcess>(folder_.path() / "project",
                                              ServerProcess::Options{.environment = environment});
    ASSERT_TRUE(server_->await_ready()) << server_->log();
  }

  [[nodiscard]] LoadPlan plan(std::size_t connections, milliseconds duration,
                              std::function<std::string(std::uint64_t)> request) const {
    LoadPlan out;
    out.port = server_->api_port();
    out.connections = connections;
    out.duration = duration;
    out.request = std::move(request);
    return out;
  }

  static std::string hit(std::uint64_t) { return load_request("page", "other"); }

  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(SoakLoad, Load_ThousandsOfIdleConnections_DoNotSlowActiveOnes) {
  start(1000, {{"OFFLOADER_POOL_WAIT_MS", "60000"}});  // so that a busy machine sheds none of these requests
  const std::size_t open = soak() ? 9800 : 1800;
  const std::size_t active = soak() ? 200 : 50;
  const milliseconds duration = soak() ? seconds(20) : milliseconds(500);
  static_cast<void>(run_load(plan(active, milliseconds(200), hit)));
  const LoadResult alone = run_load(plan(active, duration, hit));
  show("active alone", alone);
  LoadPlan idle = plan(open, milliseconds(0), hit);
  idle.idle = true;
  LoadClient crowd(idle);
  crowd.await_open();
  const LoadResult among = run_load(plan(active, duration, hit));
  show("active among the open", among);
  const double connections = server_->metric("offloader_connections{port=\"api\"}");
  const LoadResult held = crowd.finish();
  EXPECT_GE(connections, static_cast<double>(open));
  EXPECT_EQ(held.errors, 0U) << "every open connection stayed open";
  for (const LoadResult& result : {alone, among}) {
    EXPECT_EQ(result.errors + result.other + result.shed.count(), 0U);
    EXPECT_GE(result.ok.count(), active);
  }
  if (soak()) {
    EXPECT_LT(among.ok.quantile_ms(0.99), 5 * alone.ok.quantile_ms(0.99));
  }
}

// Scanning queries that all differ, so that none is coalesced.
std::string miss(std::uint64_t n) {
  return load_request("totals?from=" + std::to_string(n % 1000), "other");
}

TEST_F(SoakLoad, Load_TwiceTheCapacity_ShedsTheRestAndRecovers) {
  start(100'000);
  static_cast<void>(run_load(plan(16, milliseconds(500), miss)));
  const LoadResult capacity = run_load(plan(16, soak() ? seconds(15) : seconds(1), miss));
  show("capacity, closed loop", capacity);
  ASSERT_GT(capacity.rate(), 0);
  const std::uint64_t before = server_->memory("VmRSS");

  LoadPlan twice = plan(2000, soak() ? seconds(300) : seconds(2), miss);
  twice.rate = 2 * capacity.rate();
  LoadClient overload(twice);
  std::uint64_t middle = 0;
  if (soak()) {
    std::this_thread::sleep_for(seconds(60));
    middle = server_->memory("VmRSS");
  }
  const LoadResult under = overload.finish();
  show("twice that, open loop", under);
  const std::uint64_t after = server_->memory("VmRSS");
  std::printf("resident: %.1f MB before, %.1f after a minute, %.1f at the end\n",
              static_cast<double>(before) / 1e6, static_cast<double>(middle) / 1e6,
              static_cast<double>(after) / 1e6);
  EXPECT_EQ(under.other, 0U) << "shed or answered, nothing else";
  EXPECT_EQ(under.errors, 0U);
  EXPECT_GT(under.ok.count(), 0U);
  if (soak()) {
    EXPECT_EQ(under.unsent, 0U) << "no request waited for a connection at the end";
  }

  std::this_thread::sleep_for(seconds(soak() ? 1 : 0));
  LoadPlan afterwards = plan(1, soak() ? seconds(3) : seconds(600), miss);
  if (!soak()) afterwards.requests = 20;  // on a busy machine a single one may still be shed
  const LoadResult normal = run_load(afterwards);
  show("a second later, one client", normal);
  EXPECT_EQ(normal.errors + normal.other, 0U);
  EXPECT_GT(normal.ok.count(), 0U);
  if (soak()) {
    EXPECT_EQ(normal.shed.count(), 0U);
    EXPECT_LT(under.ok.quantile_ms(0.99), 250);
    EXPECT_LT(under.shed.quantile_ms(0.99), 100 + 20);
    EXPECT_LT(static_cast<double>(after), static_cast<double>(middle) * 1.1) << "memory is flat";
    // Accepted work is the capacity, less the cost of refusing the rest.
    EXPECT_GT(under.rate(), 0.5 * capacity.rate());
  }
}

TEST_F(SoakLoad, Load_ThousandIdenticalMisses_RunOneQuery) {
  // DuckDB answers, so that the query runs long enough for all requests to arrive.
  start(20'000, {{"OFFLOADER_INDEX", "off"},
                 {"OFFLOADER_POOL_WAIT_MS", "60000"},
                 {"OFFLOADER_QUERY_TIMEOUT_MS", "60000"}});
  const auto queries = [this] {
    return server_->metric("offloader_queries_total{executor=\"duckdb\"}") +
           server_->metric("offloader_queries_total{executor=\"index\"}");
  };
  for (const int round : {1, 2, 3}) {
    const double before = queries();
    LoadPlan plan_of = plan(1000, seconds(600), [round](std::uint64_t) {
      return load_request("page?limit=20000&from=" + std::to_string(round), "other");
    });
    plan_of.requests = 1000;
    const LoadResult result = run_load(plan_of);
    show("1,000 at once", result);
    EXPECT_EQ(result.ok.count(), 1000U);
    EXPECT_EQ(result.errors + result.other + result.shed.count(), 0U);
    EXPECT_EQ(queries() - before, 1);
  }
}

TEST_F(SoakLoad, Load_FloodingTenant_LeavesOthersTheirShare) {
  // Long waits, so that fairness decides who is next, and not timeouts. DuckDB runs longer queries, so that
  // the pool is the bottleneck, and not reading requests.
  start(60'000,
        {{"OFFLOADER_INDEX", "off"}, {"OFFLOADER_POOL_SIZE", "4"}, {"OFFLOADER_POOL_WAIT_MS", "60000"}});
  // Both tenants always have jobs waiting, so each gets half.
  const double least = soak() ? 0.4 : 0.2;
  std::uint64_t shed = 0;
  double share = 0;
  // A client that pauses has no jobs waiting meanwhile, and a pause makes the capacity look smaller than it
  // is. So measure again if the result is low: without fairness it always is.
  for (int round = 0; round < 4 && (shed == 0 || share <= least); ++round) {
    const LoadResult capacity = run_load(plan(8, milliseconds(soak() ? 3000 : 500), miss));
    show("capacity, 8 at once", capacity);
    ASSERT_GT(capacity.rate(), 0);
    // An open loop at three times the capacity. A client that retries at once would compete for the shared
    // processors instead.
    LoadPlan all = plan(600, seconds(3600), [](std::uint64_t n) {
      return load_request("totals?from=" + std::to_string(n % 1000), "flood");
    });
    all.rate = 3 * capacity.rate();
    LoadClient flood(all);
    LoadPlan few = plan(8, seconds(3600), miss);
    few.requests = soak() ? 10'000 : 300;
    const LoadResult other = run_load(few);
    flood.stop();
    const LoadResult flooding = flood.finish();
    show("the tenant that floods, at three times the capacity", flooding);
    show("another one, 8 at once", other);
    EXPECT_EQ(other.shed.count() + other.errors + other.other, 0U);
    const auto both = static_cast<double>(other.ok.count() + flooding.ok.count());
    shed = flooding.shed.count();
    share = static_cast<double>(other.ok.count()) / both;
  }
  EXPECT_GT(shed, 0U) << "it did flood";
  EXPECT_GT(share, least);
}

TEST_F(SoakLoad, Memory_LargePage_TakesLessThanThreeTimesItsBytes) {
  for (const char* index : {"on", "off"}) {
    SCOPED_TRACE(index);
    start(100'000,
          {{"OFFLOADER_INDEX", index}, {"OFFLOADER_POOL_SIZE", "2"}, {"OFFLOADER_POOL_WAIT_MS", "60000"}});
    HttpClient client(server_->api_port());
    const std::vector<std::string> key = {"authorization: Bearer offl_test_other"};
    // Load everything that is loaded only once before measuring: both executors and the snapshot's pages.
    ASSERT_EQ(client.get("/v1/endpoints/page?limit=100", key).status, 200);
    ASSERT_EQ(client.get("/v1/endpoints/totals", key).status, 200);
    ASSERT_EQ(client.get("/v1/endpoints/page?limit=99999&columns=id", key).status, 200);
    for (const char* encoding : {"identity", "gzip", "zstd"}) {
      server_->reset_peak();
      const std::uint64_t before = server_->memory("VmRSS");
      const Answer answer = client.get(
          "/v1/endpoints/page?limit=100000&from=" + std::string(encoding == std::string("gzip")   ? "0"
                                                                : encoding == std::string("zstd") ? "-1"
                                                                                                  : "-2"),
          {key[0], std::string("accept-encoding: ") + encoding});
      ASSERT_EQ(answer.status, 200);
      const std::uint64_t peak = server_->memory("VmHWM");
      constexpr double kBody = 9.9e6;
      if (encoding == std::string("identity")) {
        EXPECT_GT(static_cast<double>(answer.body.size()), kBody);
      }
      std::printf("index %s, %s: %zu bytes sent, peak %.1f MB above the %.1f MB before\n", index, encoding,
                  answer.body.size(), static_cast<double>(peak - before) / 1e6,
                  static_cast<double>(before) / 1e6);
      if (!kSanitized) {
        EXPECT_LT(static_cast<double>(peak - before), 3 * kBody);
      }
    }
  }
}

}  // namespace
}  // namespace offloader::app
