// The index of the serving snapshot must have the columns that the endpoints need.
#include <cmath>

#include "world.h"

namespace offloader::refresh {
namespace {

using State = executor::IndexStatus::State;
using ::testing::ElementsAre;

// A dataset of two columns whose endpoint selects the first.
catalog::Catalog orders(const std::string& version) {
  auto made = project_of({"orders"}, version);
  made.datasets.at("orders").schema.push_back({.name = "amount", .type = catalog::ColumnType::float64});
  return made;
}

// The same, with a second endpoint that filters by the second column.
catalog::Catalog orders_by_amount(const std::string& version) {
  auto made = orders(version);
  catalog::Endpoint endpoint = made.endpoints.at("orders");
  endpoint.name = "by_amount";
  endpoint.select = {{.as = "amount", .column = 1, .aggregate = {}}};
  endpoint.params.emplace_back();
  endpoint.params.back().name = "amount";
  endpoint.filters.emplace_back();
  endpoint.filters.back().column = 1;
  made.endpoints["by_amount"] = endpoint;
  return made;
}

std::uint64_t serving(World& world) {
  return world.publication->latest()->snapshots.at("orders").local->data->id();
}

double indexed(World& world) {
  (void)world.telemetry.metrics().exposition();
  return world.telemetry.metrics().gauge("offloader_snapshot_indexed", "", {{"dataset", "orders"}}).value();
}

TEST(IndexLayout, Reload_EndpointAdded_RequestsItsColumnsAtOnce) {
  World world(orders("v1"));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  world.await([&] { return world.executor.wanted("orders").first == serving(world); });
  EXPECT_THAT(world.executor.wanted("orders").second.indexed_columns, ElementsAre(0));
  EXPECT_EQ(world.reload(orders_by_amount("v2")).result, ReloadReport::Result::applied);
  // A thread of the build before may do it, at the same time as the reload is reported.
  world.await([&] { return world.executor.wanted("orders").second.indexed_columns.size() == 2; });
  const auto [snapshot, columns] = world.executor.wanted("orders");
  EXPECT_EQ(snapshot, serving(world));
  EXPECT_THAT(columns.indexed_columns, ElementsAre(0, 1));
  EXPECT_THAT(columns.sort_columns, ElementsAre(1));
  EXPECT_EQ(world.executor.builds(), 1) << "no snapshot is built for it";
}

TEST(IndexLayout, Restart_OtherEndpoints_RequestsTheirColumns) {
  World world(orders("v1"));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  EXPECT_EQ(world.reload(orders_by_amount("v2")).result, ReloadReport::Result::applied);
  const auto before = world.executor.wanted("orders").first;
  world.restart();
  EXPECT_NE(serving(world), before);
  EXPECT_EQ(world.executor.wanted("orders").first, serving(world));
  EXPECT_THAT(world.executor.wanted("orders").second.indexed_columns, ElementsAre(0, 1));
}

TEST(IndexLayout, Rollback_EndpointsChangedSince_RequestsTheirColumns) {
  World world(orders("v1"));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  world.offer("orders", "s2");
  EXPECT_EQ(world.force("orders").status, Outcome::ok);
  EXPECT_EQ(world.reload(orders_by_amount("v2")).result, ReloadReport::Result::applied);
  const auto before = serving(world);
  ASSERT_TRUE(world.refresher->rollback("orders"));
  EXPECT_NE(serving(world), before);
  // As above: not always the thread that rolls back does it.
  world.await([&] { return world.executor.wanted("orders").first == serving(world); });
  EXPECT_THAT(world.executor.wanted("orders").second.indexed_columns, ElementsAre(0, 1));
}

TEST(IndexLayout, Reload_ContractChanged_WaitsForTheNextSnapshot) {
  World world(orders("v1"));
  world.offer("orders", "s1");
  world.start();
  world.await_active("orders", "s1");
  world.await([&] { return world.executor.wanted("orders").first == serving(world); });
  auto next = orders_by_amount("v2");
  std::vector<catalog::Column> columns = next.datasets.at("orders").schema;
  columns.pop_back();
  next.datasets.at("orders").schema = std::move(columns);
  next.endpoints.erase("by_amount");
  world.executor.hold("s1");
  EXPECT_EQ(world.reload(next).result, ReloadReport::Result::applied);
  world.executor.wait_until_building("s1");
  EXPECT_THAT(world.executor.wanted("orders").second.indexed_columns, ElementsAre(0));
  const auto before = serving(world);
  world.executor.let_go("s1");
  world.await([&] { return serving(world) != before; });
  world.await([&] { return world.executor.wanted("orders").first == serving(world); });
}

TEST(IndexLayout, IndexStatus_EachState_IsShownByMetricAndStatus) {
  World world(orders("v1"));
  world.start();
  EXPECT_TRUE(std::isnan(indexed(world))) << "nothing serves yet";
  world.offer("orders", "s1");
  EXPECT_EQ(world.force("orders").status, Outcome::ok);
  EXPECT_EQ(indexed(world), 1);
  EXPECT_EQ(world.refresher->status().datasets[0].index.state, State::ready);
  world.executor.index_state = State::building;
  EXPECT_EQ(indexed(world), 0);
  world.executor.index_state = State::failed;
  EXPECT_EQ(indexed(world), 0);
  EXPECT_EQ(world.refresher->status().datasets[0].index.reason, "no room");
  world.executor.index_state = State::none;
  EXPECT_TRUE(std::isnan(indexed(world))) << "there is nothing to index";
}

}  // namespace
}  // namespace offloader::refresh
