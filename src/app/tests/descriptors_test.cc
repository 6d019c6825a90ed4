// Connections of the API port never take the descriptors that everything else needs.

#include "descriptors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "await.h"
#include "client_sockets.h"
#include "numbers_scene.h"

namespace offloader::app {
namespace {

using ::testing::HasSubstr;

TEST(Descriptors, WhereTheLimitAllowsItNothingIsLowered) {
  const auto plan =
      plan_descriptors({.limit = 1 << 20, .open = 40, .datasets = 10, .api_connections = 10'000});
  EXPECT_EQ(plan.api_connections, 10'000U);
  EXPECT_EQ(plan.admin_connections, 64U);
  EXPECT_GT(plan.api_ceiling, 10'000);
}

TEST(Descriptors, ASmallLimitLeavesHalfToTheOthers) {
  const auto plan = plan_descriptors({.limit = 256, .open = 40, .datasets = 600, .api_connections = 10'000});
  EXPECT_EQ(plan.api_connections, 88U);
  EXPECT_EQ(plan.api_ceiling, 128);
  EXPECT_EQ(plan.admin_connections, 64U);
}

TEST(Descriptors, EachDatasetHasItsFiles) {
  const auto plan = plan_descriptors({.limit = 4096, .open = 40, .datasets = 100, .api_connections = 10'000});
  EXPECT_EQ(plan.api_ceiling, 4096 - 64 - 128 - 400);
}

TEST(Descriptors, AnUnknownOrEndlessLimitBindsNothing) {
  for (const std::size_t limit : {std::size_t{0}, ~std::size_t{0}}) {
    const auto plan = plan_descriptors({.limit = limit, .open = 40, .datasets = 1, .api_connections = 500});
    EXPECT_EQ(plan.api_connections, 500U);
    EXPECT_EQ(plan.api_ceiling, 0);
  }
}

TEST(DescriptorsProcess, ExhaustedByClientsItIsStillWatchedAndStillRefreshes) {
  constexpr std::int64_t kRows = 1'000;
  const TemporaryFolder folder;
  const auto project = folder.path() / "project";
  numbers::write_project(project);
  numbers::publish(project, 1, kRows);
  ServerProcess server(project, {.environment = {{"OFFLOADER_REFRESH_INTERVAL", "0"},
                                                 {"OFFLOADER_ADMIN_TOKEN", "token"},
                                                 {"OFFLOADER_ACCESS_LOG", "off"},
                                                 {"OFFLOADER_DUCKDB_THREADS", "2"}},
                                 .max_files = 160});
  ASSERT_TRUE(server.await_ready()) << server.log();
  EXPECT_THAT(server.log(), HasSubstr("OFFLOADER_MAX_CONNECTIONS is lowered"));
  std::vector<ClientSocket> clients;
  for (int i = 0; i < 400; ++i) {
    clients.emplace_back(server.api_port());
    ASSERT_TRUE(clients.back().connected());
  }
  ASSERT_TRUE(await([&] { return server.metric("offloader_shed_total{reason=\"connections\"}") > 200; }));
  HttpClient admin(server.admin_port());
  EXPECT_EQ(admin.get("/live").status, 200);
  EXPECT_EQ(admin.get("/metrics").status, 200);
  numbers::publish(project, 2, kRows);
  const Answer refreshed = admin.send("POST", "/datasets/numbers/refresh?wait=true", kAdminToken);
  EXPECT_EQ(refreshed.status / 100, 2) << refreshed.body;
  EXPECT_THAT(refreshed.body, HasSubstr(R"("status":"ok")")) << "at once, and not by a later attempt";
  EXPECT_TRUE(await([&] {
    return server.metric("offloader_refresh_total{dataset=\"numbers\",outcome=\"ok\"}") >= 2;
  })) << server.log();
  EXPECT_GT(server.metric("offloader_connections{port=\"api\"}"), 10);
  // Those it took are served. Which ones they are is up to the I/O threads, each of which accepts its own.
  EXPECT_TRUE(std::ranges::any_of(clients, [](ClientSocket& client) {
    return client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") &&
           client.receive().contains("HTTP/1.1 200");
  }));
  clients.clear();
  HttpClient client(server.api_port());
  std::string problem;
  EXPECT_TRUE(await([&] { return numbers::whole_snapshot(client.get(numbers::kRows), kRows, problem) == 2; }))
      << problem;
}

}  // namespace
}  // namespace offloader::app
