#include "sql_render.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace offloader::duckdb {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using catalog::SizedType;
using query::Comparison;

constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
// DuckDB rejects a larger LIMIT or OFFSET. No table has that many rows.
constexpr std::int64_t kMostRows = (std::int64_t{1} << 62) - 1;

// Returns the smallest double >= `number` if `above`, otherwise the largest double <= `number`.
double double_beside(std::int64_t number, bool above) {
  const double nearest = static_cast<double>(number);
  // 2^63 is a double but not an int64. Every int64 is below it.
  const bool past = nearest >= 0x1p63;
  const bool lower = !past && static_cast<std::int64_t>(nearest) < number;
  const bool higher = past || static_cast<std::int64_t>(nearest) > number;
  if (above && lower) return std::nextafter(nearest, std::numeric_limits<double>::infinity());
  if (!above && higher) return std::nextafter(nearest, -std::numeric_limits<double>::infinity());
  return nearest;
}

// Returns the double that replaces `number` in a comparison: the next one up for c < n and c >= n, the next
// one down for c <= n.
double stand_in(std::int64_t number, Comparison comparison) {
  return double_beside(number, comparison != Comparison::le);
}

bool equals_no_double(std::int64_t number) {
  return double_beside(number, true) != double_beside(number, false);
}

// Binds and frees the value.
duckdb_state bind_value(duckdb_prepared_statement statement, idx_t at, duckdb_value value) {
  const duckdb_state state = duckdb_bind_value(statement, at, value);
  duckdb_destroy_value(&value);
  return state;
}

struct Binder {
  duckdb_prepared_statement statement;
  Comparison comparison;
  SizedType stored;
  idx_t at;

  duckdb_state operator()(bool value) const { return duckdb_bind_boolean(statement, at, value); }
  duckdb_state operator()(std::int64_t value) const {
    if (stored == ColumnType::float64) return duckdb_bind_double(statement, at, stand_in(value, comparison));
    if (stored == ColumnType::decimal) return bind_decimal(value, 0);
    // Bind in the column's own type if the value fits: only then does DuckDB use the bounds of row groups.
    if (stored == ColumnType::integer && value >= kMin && value <= kMax) {
      return duckdb_bind_int32(statement, at, static_cast<std::int32_t>(value));
    }
    return duckdb_bind_int64(statement, at, value);
  }
  duckdb_state operator()(double value) const { return duckdb_bind_double(statement, at, value); }
  duckdb_state operator()(query::Date value) const { return duckdb_bind_date(statement, at, {value.days}); }
  duckdb_state operator()(query::Timestamp value) const {
    if (stored == ColumnType::timestamptz) return duckdb_bind_timestamp_tz(statement, at, {value.micros});
    return duckdb_bind_timestamp(statement, at, {value.micros});
  }
  duckdb_state operator()(const query::Decimal& value) const {
    return bind_decimal(value.unscaled, value.scale);
  }
  duckdb_state operator()(const Uuid& value) const {
    return bind_value(statement, at, duckdb_create_uuid({value.low, value.high}));
  }
  duckdb_state operator()(const std::string& value) const {
    return duckdb_bind_varchar_length(statement, at, value.data(), value.size());
  }

 private:
  // DuckDB casts a decimal of another scale, which fails if it does not fit, so bind the column's own scale.
  // Requires: it is not below `scale`, as in every snapshot that fits the contract.
  duckdb_state bind_decimal(Int128 unscaled, unsigned scale) const {
    if (stored.size.scale < scale) return DuckDBError;
    const Int128 most = power_of_ten(kDecimalDigits) - 1;
    const Int128 factor = power_of_ten(stored.size.scale - scale);
    // Beyond 38 digits a value is beyond the column's too.
    const Int128 value = unscaled > most / factor    ? most
                         : unscaled < -most / factor ? -most
                                                     : unscaled * factor;
    const Int128 column = power_of_ten(stored.size.precision);
    const bool fits = value < column && value > -column;
    const rows::Wide words = rows::Wide::of(value);
    return bind_value(statement, at,
                      duckdb_create_decimal({fits ? stored.size.precision : catalog::kMostDecimalDigits,
                                             stored.size.scale,
                                             {words.low, static_cast<std::int64_t>(words.high)}}));
  }
};

}  // namespace

namespace {

std::string value_of(const query::Projection& projection, const std::string& column) {
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

}  // namespace

std::string render_sql(const query::PlanShape& shape, bool never, std::string_view source) {
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < shape.projections.size(); ++i) {
    const auto& projection = shape.projections[i];
    const auto column = quote_identifier(shape.schema[projection.column].name);
    if (i > 0) sql += ", ";
    sql += value_of(projection, column);
    sql += " AS " + quote_identifier(projection.as);
  }
  fmt::format_to(std::back_inserter(sql), " FROM {}", source);
  std::size_t next = 1;
  if (never) {
    sql += " WHERE false";
  } else {
    for (const auto& condition : shape.conditions) {
      fmt::format_to(std::back_inserter(sql), " {} {} {} ${}", next == 1 ? "WHERE" : "AND",
                     quote_identifier(shape.schema[condition.column].name), name_of(condition.comparison),
                     next);
      ++next;
    }
  }
  // Use positions, because a response name may equal the name of another column.
  for (std::size_t i = 0; i < shape.group_by.size(); ++i) {
    fmt::format_to(std::back_inserter(sql), "{}{}", i == 0 ? " GROUP BY " : ", ", shape.group_by[i] + 1);
  }
  for (std::size_t i = 0; i < shape.order.size(); ++i) {
    fmt::format_to(std::back_inserter(sql), "{}{} {} NULLS LAST", i == 0 ? " ORDER BY " : ", ",
                   shape.order[i].projection + 1, shape.order[i].descending ? "DESC" : "ASC");
  }
  fmt::format_to(std::back_inserter(sql), " LIMIT ${} OFFSET ${}", next, next + 1);
  return sql;
}

bool matches_nothing(const query::Plan& plan, std::span<const SizedType> types) {
  if (plan.never) return true;
  const auto& conditions = plan.shape->conditions;
  for (std::size_t i = 0; i < conditions.size() && i < plan.values.size(); ++i) {
    const auto* number = std::get_if<std::int64_t>(&plan.values[i]);
    if (number != nullptr && conditions[i].comparison == Comparison::eq &&
        types[conditions[i].column] == ColumnType::float64 && equals_no_double(*number)) {
      return true;
    }
  }
  return false;
}

Result<void> bind_plan(duckdb_prepared_statement statement, const query::Plan& plan, bool never,
                       std::span<const SizedType> types) {
  const auto& conditions = plan.shape->conditions;
  if (plan.shape->tenant_scoped &&
      (conditions.empty() || plan.values.empty() || conditions[0].comparison != Comparison::eq)) {
    return fail(ErrorCode::internal, "The engine failed.", "a tenant-scoped plan without a tenant");
  }
  if (!never && plan.values.size() != conditions.size()) {
    return fail(ErrorCode::internal, "The engine failed.", "a plan without a value for each condition");
  }
  idx_t at = 1;
  bool good = true;
  for (std::size_t i = 0; !never && i < conditions.size(); ++i, ++at) {
    const auto& condition = conditions[i];
    const Binder binder{statement, condition.comparison, types[condition.column], at};
    good = good && std::visit(binder, plan.values[i]) == DuckDBSuccess;
  }
  const auto limit = std::min(plan.limit, kMostRows - 1) + 1;
  const auto offset = std::min(plan.offset, kMostRows);
  good = good && duckdb_bind_int64(statement, at, limit) == DuckDBSuccess &&
         duckdb_bind_int64(statement, at + 1, offset) == DuckDBSuccess;
  if (!good) return fail(ErrorCode::internal, "The engine failed.", "a value could not be bound");
  return {};
}

}  // namespace offloader::duckdb
