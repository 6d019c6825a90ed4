#include "contract_use.h"

#include <gmock/gmock.h>

#include "project.h"
#include "world.h"

namespace offloader::refresh {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A dataset of six columns; each test adds endpoints.
class ContractUseTest : public ::testing::Test {
 protected:
  ContractUseTest() {
    std::vector<catalog::Column> columns;
    for (int i = 0; i < 6; ++i)
      columns.push_back({.name = "c" + std::to_string(i), .type = catalog::ColumnType::bigint});
    dataset().schema = std::move(columns);
    catalog_.endpoints.clear();
  }
  catalog::Dataset& dataset() { return catalog_.datasets.at("orders"); }
  catalog::Endpoint& add(const std::string& name, const std::vector<std::size_t>& filtered) {
    catalog::Endpoint& endpoint = catalog_.endpoints[name];
    endpoint.name = name;
    endpoint.dataset = "orders";
    for (const std::size_t column : filtered) endpoint.filters.emplace_back().column = column;
    return endpoint;
  }
  ContractUse use() { return contract_use(catalog_, dataset()); }

  catalog::Catalog catalog_ = project_of({"orders"});
};

TEST_F(ContractUseTest, ContractUse_NoEndpoints_IsLocal) {
  EXPECT_TRUE(use().local);
  EXPECT_FALSE(use().remote);
  EXPECT_THAT(use().sort_columns, IsEmpty());
  EXPECT_THAT(use().indexed_columns, IsEmpty());
}

TEST_F(ContractUseTest, ContractUse_RemoteScansOnly_NeedsNoTable) {
  add("live", {1}).serving_mode = catalog::ServingMode::remote_scan;
  EXPECT_FALSE(use().local);
  EXPECT_TRUE(use().remote);
  EXPECT_THAT(use().indexed_columns, IsEmpty()) << "what they filter by is in no index";
  add("table", {2});
  EXPECT_TRUE(use().local);
  EXPECT_TRUE(use().remote);
  EXPECT_THAT(use().indexed_columns, ElementsAre(2));
}

TEST_F(ContractUseTest, SortColumns_SeveralEndpoints_MostUsedComeFirst) {
  add("a", {1, 4, 4});
  add("b", {4, 2});
  add("c", {2, 4});
  EXPECT_THAT(use().sort_columns, ElementsAre(4, 2, 1)) << "a column counts once for each endpoint";
}

TEST_F(ContractUseTest, SortColumns_FiltersThatNarrowNothing_AreOnlyIndexed) {
  catalog::Endpoint& endpoint = add("a", {1, 2, 3, 4});
  endpoint.filters[0].op = catalog::FilterOp::not_in;
  endpoint.filters[1].op = catalog::FilterOp::in;
  endpoint.filters[2].any = 1;
  endpoint.filters[3].any = 1;
  EXPECT_THAT(use().sort_columns, ElementsAre(2));
  EXPECT_THAT(use().indexed_columns, ElementsAre(1, 2, 3, 4));
  auto columns = dataset().schema.items();
  columns[1].type = catalog::ColumnType::json;
  dataset().schema = std::move(columns);
  endpoint.filters[0].op = catalog::FilterOp::is_null;
  EXPECT_THAT(use().indexed_columns, ElementsAre(2, 3, 4)) << "the index cannot test documents";
}

TEST_F(ContractUseTest, SortColumns_ManyFilters_AreFourIncludingTheTenants) {
  add("a", {0, 1, 2, 3, 4});
  EXPECT_THAT(use().sort_columns, ElementsAre(0, 1, 2, 3));
  dataset().tenant_column = 1;
  EXPECT_THAT(use().sort_columns, ElementsAre(0, 2, 3)) << "the tenant column comes first by itself";
}

TEST_F(ContractUseTest, IndexedColumns_OneEndpoint_AreSelectedFilteredAndTheTenants) {
  dataset().tenant_column = 5;
  add("a", {3}).select = {{.as = "x", .column = 1, .aggregate = {}}};
  EXPECT_THAT(use().indexed_columns, ElementsAre(1, 3, 5));
}

TEST_F(ContractUseTest, IndexedColumns_Measures_AreWhatTheirAggregatesRead) {
  catalog::Endpoint& endpoint = add("a", {});
  endpoint.select.push_back(
      {.as = "rows", .aggregate = catalog::Aggregate::count, .measure = {.rows = true}});
  endpoint.select.push_back({.as = "half", .expression = catalog::Expression{}});
  EXPECT_THAT(use().indexed_columns, IsEmpty());
  endpoint.select.push_back(
      {.as = "last", .column = 2, .aggregate = catalog::Aggregate::last, .measure = {.by = 3}});
  endpoint.select[0].measure.where = {{.column = 5, .constants = {"1"}}};
  EXPECT_THAT(use().indexed_columns, ElementsAre(2, 3, 5));
  EXPECT_THAT(use().sort_columns, IsEmpty()) << "they narrow no request";
}

TEST_F(ContractUseTest, ContractUse_EndpointOfAnotherDataset_IsIgnored) {
  add("a", {3}).dataset = "another";
  EXPECT_THAT(use().indexed_columns, IsEmpty());
}

// What a project requires of its datasets.
class ProjectTest : public ::testing::Test {
 protected:
  ContractPtr contract(const catalog::Catalog& catalog) {
    return make_project(std::make_shared<catalog::Catalog>(catalog), std::chrono::seconds(60),
                        [this](const catalog::Catalog& of, const catalog::Dataset& dataset) {
                          return sources::make_source(dataset, {.allowed_origins = of.allowed_origins,
                                                                .base = "/project",
                                                                .base_remote = false,
                                                                .store = store_});
                        })
        ->contracts.at("orders");
  }

  FakeStore store_;
  catalog::Catalog catalog_ = project_of({"orders"});
};

TEST_F(ProjectTest, Interval_SetBySourceOrSettings_SourceWins) {
  EXPECT_EQ(contract(catalog_)->policy.interval, std::chrono::seconds(60));
  catalog_.datasets.at("orders").origin =
      catalog::DatabricksSource{.bucket = "b", .prefix = "p/", .interval_seconds = {}};
  EXPECT_EQ(contract(catalog_)->policy.interval, std::chrono::seconds(300));
}

TEST_F(ProjectTest, StaleMinutes_SeveralEndpoints_IsTheShortestElseADay) {
  EXPECT_EQ(contract(catalog_)->stale_minutes, 24 * 60);
  catalog_.endpoints["second"] = catalog_.endpoints.at("orders");
  catalog_.endpoints.at("orders").max_staleness_minutes = 30;
  catalog_.endpoints.at("second").max_staleness_minutes = 10;
  EXPECT_EQ(contract(catalog_)->stale_minutes, 10);
  EXPECT_THAT(contract(catalog_)->endpoints, ElementsAre("orders", "second"));
}

TEST_F(ProjectTest, Supersedes_IrrelevantChange_ReturnsFalse) {
  const auto before = contract(catalog_);
  catalog_.endpoints.at("orders").version = 7;
  EXPECT_FALSE(supersedes(*contract(catalog_), *before));
  EXPECT_FALSE(wants_another_attempt(*contract(catalog_), *before));
  catalog_.datasets.at("orders").pin_snapshot = "s1";
  EXPECT_FALSE(supersedes(*contract(catalog_), *before));
  EXPECT_TRUE(wants_another_attempt(*contract(catalog_), *before));
}

TEST_F(ProjectTest, Supersedes_OriginContractOrModeChanged_ReturnsTrue) {
  const auto before = contract(catalog_);
  auto other = catalog_;
  other.datasets.at("orders").origin = catalog::StaticManifest{"other.json"};
  EXPECT_TRUE(supersedes(*contract(other), *before));
  other = catalog_;
  other.datasets.at("orders").tenant_column = 0;
  EXPECT_TRUE(supersedes(*contract(other), *before));
  other = catalog_;
  other.endpoints.at("orders").serving_mode = catalog::ServingMode::remote_scan;
  EXPECT_TRUE(supersedes(*contract(other), *before));
}

}  // namespace
}  // namespace offloader::refresh
