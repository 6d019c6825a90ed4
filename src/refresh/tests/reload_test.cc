#include "world.h"

namespace offloader::refresh {
namespace {

TEST(Reload, Reload_SchemaChange_SwapsContractAndDataTogether) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  auto next = project_of({"orders"}, "v2");
  next.datasets.at("orders").schema.push_back({.name = "amount", .type = catalog::ColumnType::float64});
  next.endpoints.at("orders").version = 2;
  world.executor.hold("s1");
  EXPECT_EQ(world.reload(next).result, ReloadReport::Result::applied);
  world.executor.wait_until_building("s1");
  const auto before = world.publication->latest();
  EXPECT_EQ(before->catalog->datasets.at("orders").schema.size(), 1U);
  EXPECT_EQ(before->catalog->endpoints.at("orders").version, 1);
  EXPECT_EQ(world.served("orders"), "s1");
  world.executor.let_go("s1");
  world.await([&] { return world.publication->latest()->catalog->endpoints.at("orders").version == 2; });
  const auto after = world.publication->latest();
  EXPECT_EQ(after->catalog->datasets.at("orders").schema.size(), 2U);
  EXPECT_NE(after->snapshots.at("orders").local, before->snapshots.at("orders").local);
}

TEST(Reload, Reload_EndpointAndKeyChange_AppliesAtOnce) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  auto next = project_of({"orders"}, "v2");
  next.endpoints.at("orders").version = 7;
  next.keys = {catalog::Key{.id = "k", .tenant = {}, .endpoints = {"orders"}}};
  EXPECT_EQ(world.reload(next).result, ReloadReport::Result::applied);
  EXPECT_EQ(world.publication->latest()->catalog->endpoints.at("orders").version, 7);
  EXPECT_EQ(world.publication->latest()->catalog->keys.size(), 1U);
  EXPECT_EQ(world.refresher->reload_and_wait().result, ReloadReport::Result::unchanged);
}

TEST(Reload, Reload_DatasetsAddedAndRemoved_AppearWhenBuiltAndLoseTheirFiles) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.offer("users", "u1");
  world.start();
  world.await_active("orders", "s1");
  world.executor.hold("u1");
  world.reload(project_of({"orders", "users"}, "v2"));
  world.executor.wait_until_building("u1");
  EXPECT_EQ(world.served("users"), "no endpoint");
  EXPECT_TRUE(world.publication->latest()->waiting().empty());
  world.executor.let_go("u1");
  world.await_active("users", "u1");
  EXPECT_EQ(world.served("users"), "u1");
  world.reload(project_of({"users"}, "v3"));
  EXPECT_EQ(world.served("orders"), "no endpoint");
  EXPECT_FALSE(fs::exists(world.cache() / "datasets" / "orders"));
}

TEST(Reload, Reload_AuthNone_WaitsForTenantScopedEndpoints) {
  auto scoped = project_of({"orders"});
  scoped.datasets.at("orders").tenant_column = 0;
  scoped.endpoints.at("orders").tenant_scoped = true;
  World world(scoped);
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  auto open = project_of({"orders"}, "v2");
  open.auth = catalog::AuthMode::none;
  world.executor.hold("s1");
  world.reload(open);
  world.executor.wait_until_building("s1");
  EXPECT_EQ(world.publication->latest()->catalog->auth, catalog::AuthMode::required);
  EXPECT_TRUE(world.publication->latest()->catalog->endpoints.at("orders").tenant_scoped);
  world.executor.let_go("s1");
  world.await([&] { return world.publication->latest()->catalog->auth == catalog::AuthMode::none; });
  EXPECT_FALSE(world.publication->latest()->catalog->endpoints.at("orders").tenant_scoped);
}

TEST(Reload, Reload_InvalidProject_IsRejectedAsAWhole) {
  World world(project_of({"orders"}));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  world.project->set({.catalog = nullptr,
                      .findings = {{.file = "offloader.yml",
                                    .line = 1,
                                    .path = "",
                                    .code = "missing",
                                    .message = "version",
                                    .hint = ""}},
                      .root = {},
                      .datasets = {},
                      .allowed_origins = {}});
  const auto report = world.refresher->reload_and_wait();
  EXPECT_EQ(report.result, ReloadReport::Result::error);
  EXPECT_EQ(report.findings.size(), 1U);
  EXPECT_FALSE(world.refresher->status().config_sync.ok);
  EXPECT_EQ(world.served("orders"), "s1");
}

TEST(Reload, Reload_ServingSnapshotSkipped_ActivatesThePreviousOne) {
  World world(project_of({"orders"}));
  world.start_with_previous("orders");
  auto next = project_of({"orders"}, "v2");
  next.datasets.at("orders").skip_snapshots = {"s2"};
  world.reload(next);
  world.await_active("orders", "s1");
  EXPECT_EQ(world.served("orders"), "s1");
}

}  // namespace
}  // namespace offloader::refresh
