#include "sql_render.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "condition_sql.h"
#include "measure_sql.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
using catalog::SizedType;
using query::Comparison;

// DuckDB rejects a larger LIMIT or OFFSET. No table has that many rows.
constexpr std::int64_t kMostRows = (std::int64_t{1} << 62) - 1;

bool has_expressions(const query::PlanShape& shape) {
  return std::any_of(shape.projections.begin(), shape.projections.end(),
                     [](const query::Projection& each) { return each.expression.has_value(); });
}

// Wraps a query for the other projections in one that computes the expressions. The names of its columns are
// unique, without regard to case.
std::string with_expressions(const query::PlanShape& shape, std::span<const SizedType> types,
                             const std::string& query) {
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < shape.projections.size(); ++i) {
    const query::Projection& projection = shape.projections[i];
    if (i > 0) sql += ", ";
    if (projection.expression) {
      sql += expression_sql(*projection.expression, shape, types) + " AS ";
    }
    sql += quote_identifier(projection.as);
  }
  return fmt::format("{} FROM ({})", sql, query);
}

}  // namespace

std::string render_sql(const query::PlanShape& shape, bool never, std::string_view source,
                       std::span<const SizedType> types) {
  const bool expressions = has_expressions(shape);
  const bool layered = expressions || !shape.having.empty();
  std::size_t next = 1;
  std::string where = never ? " WHERE false" : shape.conditions.empty() ? "" : " WHERE ";
  if (!never) {
    append_conditions(
        where, shape.conditions,
        [&](std::size_t column) { return quote_identifier(shape.schema[column].name); }, next);
  }
  std::string sql = "SELECT ";
  std::vector<std::size_t> places;  // of each projection among those that are no expression, from 1
  std::size_t place = 0;
  for (const query::Projection& projection : shape.projections) {
    places.push_back(place + 1);
    if (projection.expression) continue;
    if (place++ > 0) sql += ", ";
    sql += value_sql(projection, shape, types, layered, next);
    sql += " AS " + quote_identifier(projection.as);
  }
  fmt::format_to(std::back_inserter(sql), " FROM {}{}", source, where);
  // Use positions, because a response name may equal the name of another column.
  for (std::size_t i = 0; i < shape.group_by.size(); ++i) {
    fmt::format_to(std::back_inserter(sql), "{}{}", i == 0 ? " GROUP BY " : ", ", places[shape.group_by[i]]);
  }
  if (expressions) sql = with_expressions(shape, types, sql);
  if (!shape.having.empty()) {
    sql = fmt::format("SELECT * FROM ({}) WHERE ", sql);
    append_conditions(
        sql, shape.having,
        [&](std::size_t projection) { return quote_identifier(shape.projections[projection].as); }, next);
  }
  for (std::size_t i = 0; i < shape.order.size(); ++i) {
    fmt::format_to(std::back_inserter(sql), "{}{} {} NULLS LAST", i == 0 ? " ORDER BY " : ", ",
                   shape.order[i].projection + 1, shape.order[i].descending ? "DESC" : "ASC");
  }
  fmt::format_to(std::back_inserter(sql), " LIMIT ${} OFFSET ${}", next, next + 1);
  return sql;
}

std::string render_sql(const query::PlanShape& shape, bool never, std::string_view source) {
  std::vector<SizedType> types;
  for (const catalog::Column& column : shape.schema) types.push_back(column.type);
  return render_sql(shape, never, source, types);
}

bool matches_nothing(const query::Plan& plan, std::span<const SizedType> types) {
  if (plan.never) return true;
  const auto& conditions = plan.shape->conditions;
  for (std::size_t i = 0; i < conditions.size() && i < plan.values.size(); ++i) {
    const auto* number = std::get_if<std::int64_t>(&plan.values[i]);
    if (number != nullptr && conditions[i].is(Comparison::eq) && conditions[i].any == 0 &&
        types[conditions[i].column] == ColumnType::float64 && equals_no_double(*number)) {
      return true;
    }
  }
  return false;
}

Result<void> bind_plan(duckdb_prepared_statement statement, const query::Plan& plan, bool never,
                       std::span<const SizedType> types) {
  const auto& conditions = plan.shape->conditions;
  if (plan.shape->tenant_scoped && (conditions.empty() || plan.values.empty() || conditions[0].any != 0 ||
                                    !conditions[0].is(Comparison::eq))) {
    return fail(ErrorCode::internal, "The engine failed.", "a tenant-scoped plan without a tenant");
  }
  const query::PlanShape& shape = *plan.shape;
  if ((!never && !complete(plan.filters())) || !complete(plan.group_filters())) {
    return fail(ErrorCode::internal, "The engine failed.", "a plan without a value for each condition");
  }
  idx_t at = 1;
  if (!never)
    at = bind_conditions(
        statement, plan.filters(), [&](std::size_t column) { return types[column]; }, at);
  if (at != 0) at = bind_measures(statement, shape, types, at);
  if (at != 0) {
    at = bind_conditions(
        statement, plan.group_filters(),
        [&](std::size_t projection) { return value_type(shape.projections[projection], shape, types); }, at);
  }
  const auto limit = std::min(plan.limit, kMostRows - 1) + 1;
  const auto offset = std::min(plan.offset, kMostRows);
  const bool good = at != 0 && duckdb_bind_int64(statement, at, limit) == DuckDBSuccess &&
                    duckdb_bind_int64(statement, at + 1, offset) == DuckDBSuccess;
  if (!good) return fail(ErrorCode::internal, "The engine failed.", "a value could not be bound");
  return {};
}

}  // namespace offloader::duckdb
