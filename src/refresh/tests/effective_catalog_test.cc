#include "effective_catalog.h"

#include <gtest/gtest.h>

#include "large_project.h"

namespace offloader::refresh {
namespace {

TEST(EffectiveCatalog, EffectiveCatalog_AllReady_IsTheDesiredOneItself) {
  const auto desired = LargeProject::load();
  ASSERT_TRUE(desired);
  EXPECT_EQ(effective_catalog(desired, nullptr, [](const std::string&) { return Fit::ready; }), desired);
}

TEST(EffectiveCatalog, EffectiveCatalog_DatasetUnknown_OmitsItsEndpoints) {
  const auto desired = LargeProject::load();
  ASSERT_TRUE(desired);
  const auto fit = [](const std::string& id) { return id == "facts" ? Fit::unknown : Fit::ready; };
  const auto made = effective_catalog(desired, nullptr, fit);
  EXPECT_TRUE(made->endpoints.empty());
  EXPECT_FALSE(made->datasets.contains("facts"));
  EXPECT_TRUE(made->datasets.at("other").schema.shares_with(desired->datasets.at("other").schema));
  EXPECT_EQ(desired->endpoints.size(), 200U);
}

// Computing the fit visits all endpoints, so asking once for each endpoint would take quadratic time.
TEST(EffectiveCatalog, EffectiveCatalog_ManyEndpoints_AsksOnceForEachDataset) {
  const auto desired = LargeProject::load();
  ASSERT_TRUE(desired);
  int asked = 0;
  (void)effective_catalog(desired, desired.get(), [&](const std::string&) {
    ++asked;
    return Fit::behind;
  });
  EXPECT_EQ(asked, 2);
}

// Returns a catalog of one dataset and one endpoint of the same name. Version 2 has an additional column.
catalog::Catalog version(int number) {
  catalog::Catalog made;
  made.config_version = "v" + std::to_string(number);
  catalog::Dataset dataset;
  dataset.id = "orders";
  std::vector<catalog::Column> columns = {{.name = "id", .type = catalog::ColumnType::bigint}};
  if (number > 1) columns.push_back({.name = "amount", .type = catalog::ColumnType::float64});
  dataset.schema = std::move(columns);
  made.datasets["orders"] = dataset;
  catalog::Endpoint endpoint;
  endpoint.name = "orders";
  endpoint.dataset = "orders";
  endpoint.version = number;
  made.endpoints["orders"] = endpoint;
  return made;
}

std::shared_ptr<const catalog::Catalog> shared(catalog::Catalog catalog) {
  return std::make_shared<catalog::Catalog>(std::move(catalog));
}

std::shared_ptr<const catalog::Catalog> made_of(const catalog::Catalog& desired,
                                                const catalog::Catalog* served, Fit fit) {
  return effective_catalog(shared(desired), served, [fit](const std::string&) { return fit; });
}

TEST(EffectiveCatalog, EffectiveCatalog_DatasetBehind_KeepsServedContractAndEndpoint) {
  const auto served = version(1);
  auto desired = version(2);
  desired.keys = {catalog::Key{.id = "k", .tenant = {}, .endpoints = {"orders"}}};
  const auto made = made_of(desired, &served, Fit::behind);
  EXPECT_EQ(made->datasets.at("orders").schema.size(), 1U);
  EXPECT_EQ(made->endpoints.at("orders").version, 1);
  EXPECT_EQ(made->keys.size(), 1U) << "keys are always the desired ones";
}

TEST(EffectiveCatalog, EffectiveCatalog_BehindAndNeverServed_OmitsDatasetAndEndpoints) {
  const auto made = made_of(version(2), nullptr, Fit::behind);
  EXPECT_TRUE(made->datasets.empty());
  EXPECT_TRUE(made->endpoints.empty());
}

TEST(EffectiveCatalog, EffectiveCatalog_EndpointRemovedWhileBehind_OmitsIt) {
  const auto served = version(1);
  auto desired = version(2);
  desired.endpoints.clear();
  const auto made = made_of(desired, &served, Fit::behind);
  EXPECT_TRUE(made->datasets.contains("orders"));
  EXPECT_TRUE(made->endpoints.empty());
}

TEST(EffectiveCatalog, EffectiveCatalog_EndpointAddedWhileBehind_WaitsForTheSnapshot) {
  const auto served = version(1);
  auto desired = version(2);
  desired.endpoints["new"] = desired.endpoints.at("orders");
  desired.endpoints.at("new").name = "new";
  EXPECT_FALSE(made_of(desired, &served, Fit::behind)->endpoints.contains("new"));
  EXPECT_TRUE(made_of(desired, &served, Fit::ready)->endpoints.contains("new"));
}

TEST(EffectiveCatalog, EffectiveCatalog_EndpointMovedToUnknownDataset_StaysWhereServed) {
  auto served = version(1);
  served.datasets["users"] = served.datasets.at("orders");
  served.datasets.at("users").id = "users";
  served.endpoints.at("orders").dataset = "users";
  auto desired = version(2);
  desired.datasets["users"] = served.datasets.at("users");
  const auto made = effective_catalog(shared(desired), &served, [](const std::string& id) {
    return id == "orders" ? Fit::unknown : Fit::ready;
  });
  ASSERT_TRUE(made->endpoints.contains("orders"));
  EXPECT_EQ(made->endpoints.at("orders").dataset, "users");
}

TEST(EffectiveCatalog, EffectiveCatalog_AuthNone_WaitsForTenantScopedEndpoints) {
  auto served = version(1);
  served.datasets.at("orders").tenant_column = 0;
  served.endpoints.at("orders").tenant_scoped = true;
  auto desired = version(1);
  desired.auth = catalog::AuthMode::none;
  EXPECT_EQ(made_of(desired, &served, Fit::behind)->auth, catalog::AuthMode::required);
  EXPECT_EQ(made_of(desired, &served, Fit::ready)->auth, catalog::AuthMode::none);
}

}  // namespace
}  // namespace offloader::refresh
