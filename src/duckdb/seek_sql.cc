#include "seek_sql.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>

#include "condition_sql.h"
#include "offloader/base/decimal.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
using catalog::SizedType;
using query::Decimal;
using query::Value;

constexpr double kInt64End = 0x1p63;

struct Fitted {
  Value value;
  bool exact = true;
};

// Divides, and rounds away from the quotient in the direction of the order.
Int128 divided(Int128 number, Int128 by, bool up, bool& exact) {
  Int128 quotient = number / by;
  const Int128 rest = number % by;
  exact = rest == 0;
  if (rest > 0 && up) ++quotient;
  if (rest < 0 && !up) --quotient;
  return quotient;
}

// The number as a whole one.
Fitted to_integer(const Value& value, bool up) {
  if (const auto* const decimal = std::get_if<Decimal>(&value)) {
    bool exact = true;
    const Int128 whole = divided(decimal->unscaled, power_of_ten(decimal->scale), up, exact);
    constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    if (whole < kMin || whole > kMax) return {whole < 0 ? kMin : kMax, false};
    return {static_cast<std::int64_t>(whole), exact};
  }
  if (const auto* const number = std::get_if<double>(&value)) {
    const double whole = up ? std::ceil(*number) : std::floor(*number);
    if (!(whole < kInt64End)) return {std::numeric_limits<std::int64_t>::max(), false};
    if (whole < -kInt64End) return {std::numeric_limits<std::int64_t>::min(), false};
    return {static_cast<std::int64_t>(whole), whole == *number};
  }
  return {value};
}

Fitted to_decimal(const Value& value, unsigned scale, bool up) {
  if (const auto* const decimal = std::get_if<Decimal>(&value)) {
    if (decimal->scale <= scale) return {value};
    bool exact = true;
    const Int128 unscaled = divided(decimal->unscaled, power_of_ten(decimal->scale - scale), up, exact);
    return {Decimal{unscaled, static_cast<std::uint8_t>(scale)}, exact};
  }
  if (const auto* const number = std::get_if<double>(&value)) {
    // Only of a column that was stored as DOUBLE in the earlier snapshot: its whole part is exact.
    const Fitted whole = to_integer(value, up);
    return {Decimal{std::get<std::int64_t>(whole.value), 0}, whole.exact && std::isfinite(*number)};
  }
  return {value};
}

Fitted to_double(const Value& value, bool up) {
  if (const auto* const decimal = std::get_if<Decimal>(&value)) {
    const Fitted whole = to_integer(value, up);
    if (decimal->scale == 0 && whole.exact) return to_double(whole.value, up);
    return {static_cast<double>(std::get<std::int64_t>(whole.value)), false};
  }
  if (const auto* const number = std::get_if<std::int64_t>(&value)) {
    const double nearest = static_cast<double>(*number);
    if (!equals_no_double(*number)) return {nearest};
    const double infinity = std::numeric_limits<double>::infinity();
    const bool above = nearest >= kInt64End || static_cast<std::int64_t>(nearest) > *number;
    if (above == up) return {nearest, false};
    return {std::nextafter(nearest, up ? infinity : -infinity), false};
  }
  return {value};
}

// The key as a value of the type; if the type does not have it, the next value up or down.
Fitted fit(const Value& value, const SizedType& type, bool up) {
  if (std::holds_alternative<query::Nothing>(value)) return {value};
  if (type == ColumnType::integer || type == ColumnType::bigint) return to_integer(value, up);
  if (type == ColumnType::decimal) return to_decimal(value, type.size.scale, up);
  if (type == ColumnType::float64) return to_double(value, up);
  return {value};
}

SizedType type_of(const query::PlanShape& shape, std::size_t key, StoredTypes types) {
  const query::Projection& projection = shape.projections[shape.order[key].projection];
  return projection.bucket ? query::result_type(projection) : value_type(projection, shape, types);
}

}  // namespace

std::string from_row_sql(const query::PlanShape& shape, std::size_t keys, const ColumnOf& column_of,
                         std::size_t first) {
  std::string sql;
  std::string ends;
  for (std::size_t i = 0; i < keys; ++i) {
    const query::OrderKey& key = shape.order[i];
    // Nulls come last. One shape serves keys that are null and those that are not.
    fmt::format_to(std::back_inserter(sql),
                   "({0} {1} ${2} OR ({0} IS NULL AND ${2} IS NOT NULL) OR {3}{0} IS NOT DISTINCT FROM ${2}",
                   column_of(key.projection), key.descending ? '<' : '>', first + i, i + 1 < keys ? "(" : "");
    if (i + 1 < keys) sql += " AND ";
    ends += i + 1 < keys ? "))" : ")";
  }
  return sql + ends;
}

std::string alike_sql(const query::PlanShape& shape, std::size_t keys, const ColumnOf& column_of,
                      std::size_t first) {
  std::string sql;
  for (std::size_t i = 0; i < keys; ++i) {
    fmt::format_to(std::back_inserter(sql), "{}{} IS NOT DISTINCT FROM ${}", i > 0 ? " AND " : "",
                   column_of(shape.order[i].projection), first + i);
  }
  return sql;
}

bool seeks_in_table(const query::PlanShape& shape) {
  return !shape.grouped() && !shape.bucketed && !shape.top && shape.having.empty();
}

query::Seek fitted(const query::Plan& plan, StoredTypes types) {
  query::Seek seek = *plan.after;
  for (std::size_t i = 0; i < seek.keys.size(); ++i) {
    const bool up = !plan.shape->order[i].descending;
    Fitted key = fit(seek.keys[i], type_of(*plan.shape, i, types), up);
    seek.keys[i] = std::move(key.value);
    if (key.exact) continue;
    seek.keys.resize(i + 1);
    seek.skip = 0;
  }
  return seek;
}

SeekForm seek_form(const query::Plan& plan, std::span<const SizedType> types) {
  if (!plan.after) return {};
  const query::Seek seek = fitted(plan, types);
  return {.keys = seek.keys.size(), .foreign = seek.foreign};
}

idx_t bind_seek(duckdb_prepared_statement statement, const query::PlanShape& shape, const query::Seek& seek,
                StoredTypes types, idx_t at) {
  for (std::size_t i = 0; i < seek.keys.size(); ++i) {
    if (bind_value(statement, at++, seek.keys[i], type_of(shape, i, types)) != DuckDBSuccess) return 0;
  }
  return at;
}

}  // namespace offloader::duckdb
