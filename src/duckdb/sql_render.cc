#include "sql_render.h"

#include <fmt/format.h>

#include <algorithm>

#include "bucket_sql.h"
#include "condition_sql.h"
#include "fill_sql.h"

namespace offloader::duckdb {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using catalog::SizedType;
using query::Comparison;

// DuckDB rejects a larger LIMIT or OFFSET. No table has that many rows.
constexpr std::int64_t kMostRows = (std::int64_t{1} << 62) - 1;

// In `keys`, buckets have the keys by which rows are grouped.
std::string value_of(const query::Projection& projection, const std::string& column, bool keys) {
  if (projection.bucket) {
    const std::string key = bucket_key(*projection.bucket, column, projection.type);
    return keys ? key : bucket_value(*projection.bucket, key, projection.type);
  }
  if (!projection.aggregate) return column;
  // DuckDB's own mean of decimals is a decimal's sum divided. The contract wants that of doubles.
  const bool cast = projection.aggregate == Aggregate::avg && projection.type == ColumnType::decimal;
  auto call = fmt::format("{}({})", name_of(*projection.aggregate),
                          cast ? fmt::format("CAST({} AS DOUBLE)", column) : column);
  // JSON has no number for a sum beyond the largest double: it is NULL, for the order too.
  const bool adds = projection.aggregate == Aggregate::sum || projection.aggregate == Aggregate::avg;
  if (!adds || projection.type != ColumnType::float64) return call;
  return fmt::format("CASE WHEN isfinite({0}) THEN {0} END", call);
}

// The SELECT without order and page. With `keys`, the columns have the names of column_name().
std::string render_select(const query::PlanShape& shape, bool never, std::string_view source, bool keys,
                          std::size_t& next) {
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < shape.projections.size(); ++i) {
    const auto& projection = shape.projections[i];
    const auto column = quote_identifier(shape.schema[projection.column].name);
    if (i > 0) sql += ", ";
    sql += value_of(projection, column, keys);
    sql += " AS " + (keys ? column_name(i) : quote_identifier(projection.as));
  }
  if (keys) sql += ", true AS present";
  fmt::format_to(std::back_inserter(sql), " FROM {}", source);
  if (never) {
    sql += " WHERE false";
  } else {
    append_where(sql, shape, next);
  }
  // Use positions, because a response name may equal the name of another column.
  for (std::size_t i = 0; i < shape.group_by.size(); ++i) {
    fmt::format_to(std::back_inserter(sql), "{}{}", i == 0 ? " GROUP BY " : ", ", shape.group_by[i] + 1);
  }
  return sql;
}

// The SELECT of a bucket whose rows are grouped before its values are computed.
std::string render_layered(const query::PlanShape& shape, bool never, std::string_view source,
                           std::size_t& next) {
  const std::string grouped = render_select(shape, never, source, true, next);
  const bool fills = shape.filled() != nullptr;
  FillSql fill{.with = "", .from = "(" + grouped + ") AS found"};
  if (fills) fill = fill_sql(shape, grouped, next);
  std::string sql = fill.with + "SELECT ";
  for (std::size_t i = 0; i < shape.projections.size(); ++i) {
    const query::Projection& projection = shape.projections[i];
    std::string value = "found." + column_name(i);
    if (fills) {
      value = filled_value(shape, i);
    } else if (projection.bucket) {
      value = bucket_value(*projection.bucket, value, projection.type);
    }
    fmt::format_to(std::back_inserter(sql), "{}{} AS {}", i > 0 ? ", " : "", value,
                   quote_identifier(projection.as));
  }
  return sql + " FROM " + fill.from;
}

// Whether parts of the plan work on the rows of the inner SELECT and so need one around it.
bool needs_outer(const query::PlanShape& shape) {
  return shape.top.has_value();
}

std::string order_key(std::string_view column, bool descending) {
  return fmt::format("{} {} NULLS LAST", column, descending ? "DESC" : "ASC");
}

std::string top_sql(const query::TopRows& top) {
  std::string window;
  for (const std::size_t projection : top.per)
    fmt::format_to(std::back_inserter(window), "{}c{}", window.empty() ? "PARTITION BY " : ", ", projection);
  for (std::size_t i = 0; i < top.order.size(); ++i) {
    const query::OrderKey& key = top.order[i];
    window += i > 0 ? ", " : window.empty() ? "ORDER BY " : " ORDER BY ";
    window += order_key(fmt::format("c{}", key.projection), key.descending);
  }
  return fmt::format(" QUALIFY row_number() OVER ({}) <= {}", window, top.limit);
}

// Returns the SQL of all rows of the answer, in no particular order.
std::string rows_sql(const query::PlanShape& shape, bool never, std::string_view source, std::size_t& next) {
  const bool layered = shape.bucketed && (shape.filled() != nullptr ||
                                          has_costly_value(*shape.projections[*shape.bucketed].bucket));
  std::string sql =
      layered ? render_layered(shape, never, source, next) : render_select(shape, never, source, false, next);
  if (!needs_outer(shape)) return sql;
  // The outer SELECT names columns by position, for the same reason.
  std::string columns;
  for (std::size_t i = 0; i < shape.projections.size(); ++i)
    fmt::format_to(std::back_inserter(columns), "{}c{}", i == 0 ? "" : ", ", i);
  sql = fmt::format("SELECT {0} FROM ({1}) AS answer({0})", columns, sql);
  if (shape.top) sql += top_sql(*shape.top);
  return sql;
}

// Binds the values of the conditions and the bounds of added buckets. Returns the number of the next param.
Result<idx_t> bind_values(duckdb_prepared_statement statement, const query::Plan& plan, bool never,
                          std::span<const SizedType> types) {
  const auto& conditions = plan.shape->conditions;
  if (plan.shape->tenant_scoped && (conditions.empty() || plan.values.empty() || conditions[0].any != 0 ||
                                    !conditions[0].is(Comparison::eq))) {
    return fail(ErrorCode::internal, "The engine failed.", "a tenant-scoped plan without a tenant");
  }
  const auto lists = static_cast<std::size_t>(
      std::count_if(conditions.begin(), conditions.end(), [](const query::Condition& condition) {
        return std::holds_alternative<query::Among>(condition.test);
      }));
  if (!never && (plan.values.size() != conditions.size() || plan.lists.size() != lists)) {
    return fail(ErrorCode::internal, "The engine failed.", "a plan without a value for each condition");
  }
  idx_t at = never ? 1 : bind_conditions(statement, plan, types);
  if (at != 0 && plan.shape->filled() != nullptr) at = bind_axis(statement, plan, at);
  return at;
}

Result<void> could_not_bind() {
  return fail(ErrorCode::internal, "The engine failed.", "a value could not be bound");
}

}  // namespace

std::string render_sql(const query::PlanShape& shape, bool never, std::string_view source) {
  std::size_t next = 1;
  std::string sql = rows_sql(shape, never, source, next);
  for (std::size_t i = 0; i < shape.order.size(); ++i) {
    sql += i == 0 ? " ORDER BY " : ", ";
    sql += order_key(std::to_string(shape.order[i].projection + 1), shape.order[i].descending);
  }
  fmt::format_to(std::back_inserter(sql), " LIMIT ${} OFFSET ${}", next, next + 1);
  return sql;
}

std::string render_count_sql(const query::PlanShape& shape, bool never, std::string_view source) {
  std::size_t next = 1;
  return fmt::format("SELECT count(*) FROM ({}) AS answer", rows_sql(shape, never, source, next));
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
  const auto at = bind_values(statement, plan, never, types);
  if (!at) return fail(at.error());
  const auto limit = std::min(plan.limit, kMostRows - 1) + 1;
  const auto offset = std::min(plan.offset, kMostRows);
  const bool good = *at != 0 && duckdb_bind_int64(statement, *at, limit) == DuckDBSuccess &&
                    duckdb_bind_int64(statement, *at + 1, offset) == DuckDBSuccess;
  if (!good) return could_not_bind();
  return {};
}

Result<void> bind_count(duckdb_prepared_statement statement, const query::Plan& plan, bool never,
                        std::span<const SizedType> types) {
  const auto at = bind_values(statement, plan, never, types);
  if (!at) return fail(at.error());
  if (*at == 0) return could_not_bind();
  return {};
}

}  // namespace offloader::duckdb
