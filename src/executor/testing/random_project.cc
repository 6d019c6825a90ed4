#include "offloader/executor/testing/random_project.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "random_buckets.h"
#include "random_choices.h"
#include "random_filters.h"
#include "random_measures.h"
#include "reference_results.h"
#include "value_pools.h"

namespace offloader::executor::testing::model {
namespace {

// Fills in an endpoint whose table and serving mode are set.
Endpoint random_contract(const Project& project, Endpoint endpoint, Random& random) {
  endpoint.cached = chance(random, 50);
  const Table& table = project.tables[endpoint.table];

  const bool aggregated = chance(random, 50);
  const std::size_t plain = aggregated ? below(random, 3) : 1 + below(random, 5);
  for (std::size_t i = 0; i < plain; ++i) {
    endpoint.selects.push_back({fmt::format("s{}", i), below(random, table.columns.size()), ""});
    if (aggregated) endpoint.group_by.push_back(i);
  }
  if (aggregated) add_measures(endpoint, table, random);
  add_bucket(endpoint, table, aggregated, random);
  for (std::size_t i = 0; i < endpoint.selects.size(); ++i) {
    const Select& select = endpoint.selects[i];
    const bool document = !select.of_group() && table.columns[select.column].type == Type::json;
    if (!document && orders_exactly(table, endpoint, select) && chance(random, 30))
      endpoint.order_by.emplace_back(i, chance(random, 50));
  }

  // Without filters groups have several rows, so that it matters how they are aggregated.
  const std::size_t filters = aggregated && chance(random, 50) ? 0 : below(random, 5);
  for (std::size_t i = 0; i < filters; ++i) {
    endpoint.params.push_back(random_param(i, random));
    add_param_filter(endpoint, table, random);
  }
  bound_bucket(endpoint, random);
  const std::size_t params = endpoint.params.size();
  if (chance(random, 25)) {
    if (auto filter = random_constant_filter(table, random)) endpoint.filters.push_back(std::move(*filter));
  }
  join_filters(endpoint, random);
  if (aggregated) add_group_filters(endpoint, table, random);
  if (params > 1 && chance(random, 25)) {
    std::vector<std::size_t> all;
    std::vector<std::size_t> required;
    for (std::size_t i = 0; i < endpoint.params.size(); ++i) {
      all.push_back(i);
      if (endpoint.params[i].required) required.push_back(i);
    }
    endpoint.combinations.push_back(all);
    if (required != all) endpoint.combinations.push_back(required);
  }
  add_choices(endpoint, table, random);
  if (chance(random, 50)) {
    endpoint.default_limit = 1 + static_cast<std::int64_t>(below(random, 10));
    endpoint.max_limit = endpoint.default_limit + static_cast<std::int64_t>(below(random, 200));
  }
  return endpoint;
}

Endpoint random_endpoint(const Project& project, std::size_t number, Random& random) {
  Endpoint endpoint;
  endpoint.name = fmt::format("e{}", number);
  endpoint.table = below(random, project.tables.size());
  endpoint.remote = chance(random, 25);
  return random_contract(project, std::move(endpoint), random);
}

}  // namespace

void refill(Table& table, const std::vector<std::string>& tenants, int number, Random& random) {
  table.snapshot_id = fmt::format("s{}", number);
  table.rows.clear();
  const std::size_t rows = 1 + below(random, 120);
  const int nulls = pick(random, std::vector<int>{0, 20, 80});
  for (std::size_t i = 0; i < rows; ++i) {
    Row row;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const Type type = table.columns[c].type;
      if (c == table.tenant) {
        // Includes rows of a tenant without a key, and rows without a tenant.
        const std::string owner = chance(random, 5) ? "999" : pick(random, tenants);
        if (chance(random, 3))
          row.emplace_back();
        else if (type == Type::varchar || type == Type::uuid)
          row.emplace_back(owner);
        else
          row.emplace_back(static_cast<std::int64_t>(std::stoll(owner)));
      } else if (chance(random, nulls)) {
        row.emplace_back();
      } else {
        row.push_back(random_cell(table.columns[c], random));
      }
    }
    table.rows.push_back(std::move(row));
  }
}

Project random_project(Random& random) {
  Project project;
  project.tenants = {"1", "2", "30"};
  static const std::vector<Type> kTypes = {Type::boolean, Type::integer, Type::bigint,    Type::float64,
                                           Type::decimal, Type::date,    Type::timestamp, Type::timestamptz,
                                           Type::varchar, Type::uuid,    Type::json};
  static const std::vector<std::pair<int, int>> kSizes = {{4, 2},  {9, 0},  {12, 2},
                                                          {18, 6}, {24, 4}, {38, 10}};
  const std::size_t tables = 1 + below(random, 2);
  for (std::size_t t = 0; t < tables; ++t) {
    Table table;
    table.id = fmt::format("d{}", t);
    const std::size_t columns = 3 + below(random, 6);
    for (std::size_t c = 0; c < columns; ++c)
      table.columns.push_back({fmt::format("c{}", c), pick(random, kTypes), chance(random, 30)});
    table.parquet = chance(random, 40);
    if (table.parquet) {
      if (chance(random, 50)) table.columns.back().type = Type::json;
      for (Column& column : table.columns) {
        if (column.type == Type::json && chance(random, 80)) column.nested = random_nested_type(random);
      }
    }
    table.columns[1].type = Type::varchar;  // not JSON, so that some column can be aggregated
    if (chance(random, 75)) {               // most aggregates are of numbers
      static const std::vector<Type> kNumbers = {Type::integer, Type::bigint, Type::float64, Type::decimal};
      table.columns[2].type = pick(random, kNumbers);
      table.columns[2].extreme = false;
      table.columns[2].nested.clear();
    }
    if (chance(random, 75)) {
      static const std::vector<Type> kOwners = {Type::varchar, Type::integer, Type::bigint};
      table.tenant = 0;
      table.columns[0].type = pick(random, kOwners);
    }
    // Last, when every type is final: columns that are not decimals have neither precision nor scale.
    for (Column& column : table.columns) {
      if (column.type == Type::decimal) std::tie(column.precision, column.scale) = pick(random, kSizes);
    }
    refill(table, project.tenants, 1, random);
    project.tables.push_back(std::move(table));
  }
  const std::size_t endpoints = 2 + below(random, 4);
  for (std::size_t e = 0; e < endpoints; ++e)
    project.endpoints.push_back(random_endpoint(project, e, random));
  return project;
}

void replace_endpoint(Project& project, std::size_t endpoint, Random& random) {
  Endpoint& old = project.endpoints[endpoint];
  Endpoint next;
  next.name = old.name;
  next.version = old.version + 1;
  next.table = old.table;
  next.remote = old.remote;
  old = random_contract(project, std::move(next), random);
}

}  // namespace offloader::executor::testing::model
