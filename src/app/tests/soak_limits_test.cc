// The real program under limits, with clients in their own processes. OFFLOADER_SOAK=1 makes the test of the
// rate a minute long, and judges what a busy machine changes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "await.h"
#include "client_sockets.h"
#include "load_client.h"
#include "load_project.h"
#include "server_process.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kOther = "authorization: Bearer offl_test_other";
const std::string kAdmin = "authorization: Bearer the-admin-token-of-this-test";

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class SoakLimits : public ::testing::Test {
 protected:
  // Serves the load project, in which the key of `other` has these limits.
  void start(const std::string& limits, std::map<std::string, std::string> environment = {},
             std::int64_t rows = 1000) {
    raise_own_file_limit();
    const fs::path project = folder_.path() / "project";
    write_load_project(project, rows);
    std::string keys = contents(project / "keys/keys.yml");
    const std::string mark = "tenant: other, endpoints: [page, totals], status: active";
    keys.replace(keys.find(mark), mark.size(), mark + ", limits: " + limits);
    std::ofstream(project / "keys/keys.yml") << keys;
    run(std::move(environment));
  }
  void run(std::map<std::string, std::string> environment = {}) {
    environment.emplace("OFFLOADER_ADMIN_TOKEN", "the-admin-token-of-this-test");
    server_ = std::make_unique<ServerProcess>(
        folder_.path() / "project",
        ServerProcess::Options{.environment = std::move(environment), .cache_dir = folder_.path() / "cache"});
    ASSERT_TRUE(server_->await_ready()) << server_->log();
  }
  int ask(const std::string& target = "page?limit=3") {
    return HttpClient(server_->api_port()).get("/v1/endpoints/" + target, {kOther}).status;
  }
  json usage(const std::string& query) {
    return json::parse(HttpClient(server_->admin_port()).get("/usage?" + query, {kAdmin}).body);
  }

  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(SoakLimits, Rate_TenTimesTooMuchFrom32Connections_PassesTheArithmeticOfTheBucket) {
  constexpr double kRate = 200;
  start("{rate: 200/s, burst: 50}");
  const bool soak = std::getenv("OFFLOADER_SOAK") != nullptr;
  LoadPlan plan;
  plan.port = server_->api_port();
  plan.connections = 32;
  plan.rate = 10 * kRate;
  plan.duration = soak ? seconds(60) : seconds(2);
  plan.request = [](std::uint64_t) { return load_request("page", "other"); };
  const auto begin = std::chrono::steady_clock::now();
  const LoadResult result = run_load(plan);
  const std::chrono::duration<double> around = std::chrono::steady_clock::now() - begin;
  const double allowed = 50 + kRate * result.seconds;
  std::printf("%.1f s at ten times the rate: %llu passed, %.0f by the arithmetic (%+.2f %%), %llu refused\n",
              result.seconds, static_cast<unsigned long long>(result.ok.count()), allowed,
              100 * (static_cast<double>(result.ok.count()) / allowed - 1),
              static_cast<unsigned long long>(result.other));
  EXPECT_EQ(result.errors, 0U);
  EXPECT_GT(result.other, result.ok.count()) << "most were refused";
  EXPECT_LE(static_cast<double>(result.ok.count()), 50 + kRate * around.count() + 1);
  // A machine that stalls for longer than the burst lasts lets tokens overflow.
  if (soak) {
    EXPECT_GE(static_cast<double>(result.ok.count()), 0.99 * allowed);
  }
  EXPECT_GE(server_->metric("offloader_rate_limited_total{key=\"key_other\"}"),
            static_cast<double>(result.other));
}

TEST_F(SoakLimits, DailyRequests_SurviveARestart_AndAtMostTheLastMinuteIsLostByAKill) {
  start("{daily_requests: 5}");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(), 200);
  EXPECT_EQ(server_->stop(), 0);
  run();
  EXPECT_EQ(ask(), 200);
  usage("");  // writes what was recorded
  server_->kill();
  run();
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 429);
  const json lines = usage("by=key,tenant,endpoint")["lines"];
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["key"], "key_other");
  EXPECT_EQ(lines[0]["tenant"], "other");
  EXPECT_EQ(lines[0]["requests"], 5);
  EXPECT_EQ(lines[0]["rows"], 15);
  EXPECT_GT(lines[0]["execution_us"], 0) << "a restart empties the response cache";
  EXPECT_THAT(usage("")["endpoints_without_calls"].dump(), HasSubstr("totals"));
}

TEST_F(SoakLimits, WithoutALedger_CountersBeginAgain_AndTheLogWarns) {
  start("{daily_requests: 1}", {{"OFFLOADER_USAGE_DAYS", "0"}});
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 429);
  EXPECT_THAT(server_->log(), HasSubstr("daily limits"));
  EXPECT_EQ(HttpClient(server_->admin_port()).get("/usage", {kAdmin}).status, 409);
  EXPECT_FALSE(fs::exists(folder_.path() / "cache/usage/2026-01-31.usage"));
  EXPECT_EQ(server_->stop(), 0);
  run({{"OFFLOADER_USAGE_DAYS", "0"}});
  EXPECT_EQ(ask(), 200);
}

TEST_F(SoakLimits, Concurrent_HeldByAClientThatDoesNotRead_IsFreeWhenItGoes) {
  start("{concurrent: 1}", {}, 100'000);
  {
    // A page of several megabytes, more than the buffers of the sockets take.
    const ClientSocket slow(server_->api_port(), 4096);
    ASSERT_TRUE(slow.send(load_request("page?limit=100000", "other")));
    // Ask only when its answer has begun, because the first to come has the place.
    ASSERT_TRUE(slow.receive().starts_with("HTTP/1.1 200"));
    EXPECT_EQ(ask(), 429) << "its answer is still being sent";
  }
  EXPECT_TRUE(await([&] { return ask() == 200; }));
}

TEST_F(SoakLimits, Tenants_AreInTheLedgerAlone) {
  start("{rate: 1000/s}", {{"OFFLOADER_ACCESS_LOG", "on"}});
  EXPECT_EQ(ask(), 200);
  EXPECT_THAT(usage("by=tenant").dump(), HasSubstr("\"other\""));
  HttpClient admin(server_->admin_port());
  for (const char* target : {"/metrics", "/diagnostics"})
    EXPECT_THAT(admin.get(target, {kAdmin}).body, Not(HasSubstr("\"other\"")));
  EXPECT_EQ(server_->stop(), 0);
  EXPECT_THAT(server_->log(), Not(HasSubstr("\"other\"")));
}

}  // namespace
}  // namespace offloader::app
