#include "sql_render.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "bucket_sql.h"
#include "condition_sql.h"
#include "fill_sql.h"
#include "measure_sql.h"
#include "seek_sql.h"

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

// What is rendered: all rows of an answer.
struct Rendered {
  const query::PlanShape& shape;
  bool never;
  std::string_view source;
  StoredTypes types;
  // Whether values are compared or computed with: a sum of integers is then a DECIMAL.
  bool exact = false;
  // Only rows of the table from the one with so many keys on; 0: all.
  std::size_t seek_keys = 0;
};

// Whether something is computed from the values of aggregates.
bool computes(const query::PlanShape& shape) {
  return has_expressions(shape) || !shape.having.empty();
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

// The value of a projection that is not an expression. In `keys`, buckets have the keys by which rows are
// grouped.
std::string value_of(const query::Projection& projection, const Rendered& what, bool keys,
                     std::size_t& next) {
  if (!projection.bucket) return value_sql(projection, what.shape, what.types, what.exact, next);
  const std::string key = bucket_key(
      *projection.bucket, quote_identifier(what.shape.schema[projection.column].name), projection.type);
  return keys ? key : bucket_value(*projection.bucket, key, projection.type);
}

// The conditions on the rows of the table.
std::string where_sql(const Rendered& what, std::size_t& next) {
  const query::PlanShape& shape = what.shape;
  if (what.never) return " WHERE false";
  std::string where = shape.conditions.empty() ? "" : " WHERE ";
  append_conditions(where, shape.conditions, column_names(shape), next);
  return where;
}

ColumnOf table_column(const query::PlanShape& shape) {
  return [&shape](std::size_t projection) {
    return quote_identifier(shape.schema[shape.projections[projection].column].name);
  };
}

// The SELECT without expressions, `having`, order and page. With `keys`, the columns have the names of
// column_name().
std::string render_select(const Rendered& what, bool keys, std::size_t& next) {
  const query::PlanShape& shape = what.shape;
  std::string where = where_sql(what, next);
  if (what.seek_keys > 0 && !what.never) {
    where += (where.empty() ? " WHERE " : " AND ") +
             from_row_sql(shape, what.seek_keys, table_column(shape), next);
  }
  std::string sql = "SELECT ";
  std::vector<std::size_t> places;  // of each projection among those that are no expression, from 1
  std::size_t place = 0;
  for (std::size_t i = 0; i < shape.projections.size(); ++i) {
    const query::Projection& projection = shape.projections[i];
    places.push_back(place + 1);
    if (projection.expression) continue;
    if (place++ > 0) sql += ", ";
    sql += value_of(projection, what, keys, next);
    sql += " AS " + (keys ? column_name(i) : quote_identifier(projection.as));
  }
  if (keys) sql += ", true AS present";
  fmt::format_to(std::back_inserter(sql), " FROM {}{}", what.source, where);
  // Use positions, because a response name may equal the name of another column.
  for (std::size_t i = 0; i < shape.group_by.size(); ++i) {
    fmt::format_to(std::back_inserter(sql), "{}{}", i == 0 ? " GROUP BY " : ", ", places[shape.group_by[i]]);
  }
  return sql;
}

// The SELECT of a bucket whose rows are grouped before its values are computed.
std::string render_layered(const Rendered& what, std::size_t& next) {
  const query::PlanShape& shape = what.shape;
  const std::string grouped = render_select(what, true, next);
  const bool fills = shape.filled() != nullptr;
  FillSql fill{.with = "", .from = "(" + grouped + ") AS found"};
  if (fills) fill = fill_sql(shape, grouped, next);
  std::string sql = fill.with + "SELECT ";
  std::string_view between;
  for (std::size_t i = 0; i < shape.projections.size(); ++i) {
    const query::Projection& projection = shape.projections[i];
    if (projection.expression) continue;
    std::string value = "found." + column_name(i);
    if (fills) {
      value = filled_value(shape, i);
    } else if (projection.bucket) {
      value = bucket_value(*projection.bucket, value, projection.type);
    }
    fmt::format_to(std::back_inserter(sql), "{}{} AS {}", between, value, quote_identifier(projection.as));
    between = ", ";
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

// The columns of the outer SELECT.
std::string outer_columns(const query::PlanShape& shape) {
  std::string columns;
  for (std::size_t i = 0; i < shape.projections.size(); ++i)
    fmt::format_to(std::back_inserter(columns), "{}c{}", i == 0 ? "" : ", ", i);
  return columns;
}

// Returns the SQL of all rows of the answer, in no particular order.
std::string rows_sql(const Rendered& what, std::size_t& next) {
  const query::PlanShape& shape = what.shape;
  const bool layered = shape.bucketed && (shape.filled() != nullptr ||
                                          has_costly_value(*shape.projections[*shape.bucketed].bucket));
  std::string sql = layered ? render_layered(what, next) : render_select(what, false, next);
  if (has_expressions(shape)) sql = with_expressions(shape, what.types, sql);
  if (!shape.having.empty()) {
    // DuckDB runs nothing below conditions that it knows to be false, as with a value that no group can have.
    // Too many buckets are an error all the same: it cannot know what depends on random().
    const bool fills = shape.filled() != nullptr;
    sql = fmt::format("SELECT * FROM ({}) WHERE {}", sql, fills ? "CASE WHEN random() < 2 THEN " : "");
    append_conditions(
        sql, shape.having,
        [&](std::size_t projection) { return quote_identifier(shape.projections[projection].as); }, next);
    if (fills) sql += " ELSE false END";
  }
  if (!needs_outer(shape)) return sql;
  // The outer SELECT names columns by position, for the same reason.
  sql = fmt::format("SELECT {0} FROM ({1}) AS answer({0})", outer_columns(shape), sql);
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
  const query::PlanShape& shape = *plan.shape;
  if ((!never && !complete(plan.filters())) || !complete(plan.group_filters())) {
    return fail(ErrorCode::internal, "The engine failed.", "a plan without a value for each condition");
  }
  idx_t at = 1;
  if (!never)
    at = bind_conditions(
        statement, plan.filters(), [&](std::size_t column) { return types[column]; }, at);
  if (at != 0) at = bind_measures(statement, shape, types, at);
  if (at != 0 && shape.filled() != nullptr) at = bind_axis(statement, plan, at);
  if (at != 0) {
    at = bind_conditions(
        statement, plan.group_filters(),
        [&](std::size_t projection) { return value_type(shape.projections[projection], shape, types); }, at);
  }
  return at;
}

std::vector<SizedType> declared_types(const query::PlanShape& shape) {
  std::vector<SizedType> types;
  for (const catalog::Column& column : shape.schema) types.push_back(column.type);
  return types;
}

Result<void> could_not_bind() {
  return fail(ErrorCode::internal, "The engine failed.", "a value could not be bound");
}

}  // namespace

std::string render_sql(const query::PlanShape& shape, bool never, std::string_view source, StoredTypes types,
                       SeekForm seek) {
  std::size_t next = 1;
  const bool seeks = seek.keys > 0 && !never;
  const bool in_table = seeks && seeks_in_table(shape);
  Rendered what{shape, never, source, types, computes(shape) || seeks};
  if (in_table) what.seek_keys = seek.keys;
  std::string sql = rows_sql(what, next);
  std::string alike;  // a query for the number of rows alike in the keys
  if (seeks) {
    if (in_table) {
      std::size_t same = 1;
      const std::string where = where_sql(what, same);
      alike = fmt::format("SELECT count(*) FROM {}{}{}{}", source, where, where.empty() ? " WHERE " : " AND ",
                          alike_sql(shape, seek.keys, table_column(shape), next));
    } else {
      const ColumnOf column = [](std::size_t projection) { return fmt::format("c{}", projection); };
      alike = "SELECT count(*) FROM page WHERE " + alike_sql(shape, seek.keys, column, next);
      sql = fmt::format("WITH page({0}) AS MATERIALIZED ({1}) SELECT {0} FROM page WHERE {2}",
                        outer_columns(shape), sql, from_row_sql(shape, seek.keys, column, next));
    }
    next += seek.keys;
  }
  for (std::size_t i = 0; i < shape.order.size(); ++i) {
    sql += i == 0 ? " ORDER BY " : ", ";
    sql += order_key(std::to_string(shape.order[i].projection + 1), shape.order[i].descending);
  }
  fmt::format_to(std::back_inserter(sql), " LIMIT ${} OFFSET ", next);
  if (seeks && seek.foreign) return sql + fmt::format("least(${}, ({}))", next + 1, alike);
  return sql + fmt::format("${}", next + 1);
}

std::string render_count_sql(const query::PlanShape& shape, bool never, std::string_view source,
                             StoredTypes types) {
  std::size_t next = 1;
  const Rendered what{shape, never, source, types, computes(shape)};
  return fmt::format("SELECT count(*) FROM ({}) AS answer", rows_sql(what, next));
}

std::string render_sql(const query::PlanShape& shape, bool never, std::string_view source) {
  return render_sql(shape, never, source, declared_types(shape));
}

std::string render_count_sql(const query::PlanShape& shape, bool never, std::string_view source) {
  return render_count_sql(shape, never, source, declared_types(shape));
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
  auto offset = std::min(plan.offset, kMostRows);
  idx_t next = *at;
  if (next != 0 && plan.after && !never) {
    const query::Seek seek = fitted(plan, types);
    next = bind_seek(statement, *plan.shape, seek, types, next);
    offset = std::min(seek.skip, kMostRows);
  }
  const bool good = next != 0 && duckdb_bind_int64(statement, next, limit) == DuckDBSuccess &&
                    duckdb_bind_int64(statement, next + 1, offset) == DuckDBSuccess;
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
