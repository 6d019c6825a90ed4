#include "random_measures.h"

#include <fmt/format.h>

#include <algorithm>

#include "random_filters.h"
#include "reference_results.h"
#include "value_pools.h"

namespace offloader::executor::testing::model {
namespace {

using Texts = std::vector<std::string>;

bool numeric(Type type) {
  return type == Type::integer || type == Type::bigint || type == Type::float64 || type == Type::decimal;
}

bool is_exact(Type type) {
  return type == Type::integer || type == Type::bigint || type == Type::decimal;
}

Select random_aggregate(const Table& table, std::size_t number, Random& random) {
  static const Texts kNumbers = {"sum",    "sum",      "avg",     "min", "max", "count", "count_distinct",
                                 "median", "quantile", "quantile"};
  static const Texts kOther = {"min", "max", "count", "count_distinct"};
  Select select{fmt::format("a{}", number), below(random, table.columns.size()), ""};
  // Most kinds of aggregates are of numbers.
  for (int i = 0; i < 6 && !numeric(table.columns[select.column].type); ++i)
    select.column = below(random, table.columns.size());
  const Column& column = table.columns[select.column];
  if (column.type == Type::json || chance(random, 15)) {
    select.aggregate = "count";
    select.rows = chance(random, 60);
  } else {
    const bool sums = numeric(column.type) && !column.extreme;
    select.aggregate = pick(random, sums ? kNumbers : kOther);
  }
  if (select.aggregate == "quantile") {
    select.quantile = pick(random, Texts{"0", "0.1", "0.25", "0.333", "0.5", "0.95", "1"});
    select.discrete = chance(random, 50);
  }
  const std::size_t by = below(random, table.columns.size());
  if (column.type != Type::json && table.columns[by].type != Type::json && chance(random, 20)) {
    select.aggregate = chance(random, 50) ? "first" : "last";
    select.rows = false;
    select.quantile.clear();
    select.discrete = false;
    select.by = by;
  }
  while (chance(random, 25)) {
    if (auto filter = random_constant_filter(table, random)) select.where.push_back(std::move(*filter));
  }
  return select;
}

// The sums of doubles may differ in their last digits, so they are only multiplied and divided.
std::string random_expression(const Endpoint& endpoint, const Table& table, Random& random) {
  static const Texts kForms = {
      "{0} + {1}", "{0} - 2.50 * {1}", "-({0} - {1}) + 1", "({0} - {1}) / ({0} + {1})",
      "0.125*{0}", "{0} / {1} - 1",    "{0} - -{1}"};
  static const Texts kQuotients = {"100 * {0} / {1}", "{0}/{1}", "{0} / 3 * {1}"};
  Texts exact;
  Texts all;
  for (const Select& select : endpoint.selects) {
    if (select.aggregate.empty()) continue;
    const Column result = result_column(table, endpoint, select);
    if (!numeric(result.type) || result.extreme) continue;
    all.push_back(select.as);
    if (is_exact(result.type)) exact.push_back(select.as);
  }
  if (exact.empty()) return "";
  if (chance(random, 50))
    return fmt::format(fmt::runtime(pick(random, kForms)), pick(random, exact), pick(random, exact));
  return fmt::format(fmt::runtime(pick(random, kQuotients)), pick(random, all), pick(random, exact));
}

}  // namespace

void add_measures(Endpoint& endpoint, const Table& table, Random& random) {
  const std::size_t count = 1 + below(random, 5);
  for (std::size_t i = 0; i < count; ++i) endpoint.selects.push_back(random_aggregate(table, i, random));
  for (std::size_t i = 0; i < 2 && chance(random, 30); ++i) {
    std::string expression = random_expression(endpoint, table, random);
    if (expression.empty()) break;
    Select select{fmt::format("x{}", i), 0, ""};
    select.expression = std::move(expression);
    endpoint.selects.push_back(std::move(select));
  }
  for (Select& select : endpoint.selects) {
    if (!select.of_group()) continue;
    const Type type = result_column(table, endpoint, select).type;
    select.as_text = (type == Type::bigint || type == Type::decimal) && chance(random, 20);
  }
}

void add_group_filters(Endpoint& endpoint, const Table& table, Random& random) {
  static const Texts kOperators = {"gt", "gte", "gte", "lt", "lte", "lte", "eq", "ne", "ne"};
  for (std::size_t i = 0; i < endpoint.selects.size(); ++i) {
    const Select& select = endpoint.selects[i];
    if (!select.of_group() || is_approximate(table, endpoint, select) || !chance(random, 10)) continue;
    const Column result = result_column(table, endpoint, select);
    Filter filter{i, pick(random, kOperators), 0};
    Param param = random_param(endpoint.params.size(), random);
    if (chance(random, 50) && !param.list_max && comparable(param.type, result.type)) {
      filter.param = endpoint.params.size();
      endpoint.params.push_back(std::move(param));
    } else {
      filter.constants = {pick(random, constants_of(result.type, random))};
    }
    endpoint.having.push_back(std::move(filter));
  }
}

}  // namespace offloader::executor::testing::model
