#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "condition_sql.h"
#include "duckdb_handle.h"
#include "offloader/base/decimal.h"
#include "offloader/rows/batch.h"
#include "stored_type.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
using catalog::DecimalSize;
using catalog::SizedType;
using query::Comparison;

constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();

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
// one down for c <= n and c > n.
double stand_in(std::int64_t number, Comparison comparison) {
  return double_beside(number, comparison != Comparison::le && comparison != Comparison::gt);
}

// Returns the number as an unscaled value of `scale`, or one that is 10^38 away from zero where it is beyond
// every DECIMAL. Requires: `value.scale` is not above `scale`, as in every snapshot that fits the contract.
Int128 rescaled(const query::Decimal& value, unsigned scale) {
  constexpr Int128 kBeyond = power_of_ten(kDecimalDigits);
  const Int128 factor = power_of_ten(scale - value.scale);
  if (value.unscaled > kBeyond / factor) return kBeyond;
  if (value.unscaled < -kBeyond / factor) return -kBeyond;
  return value.unscaled * factor;
}

bool fits(Int128 unscaled, unsigned digits) {
  const Int128 end = power_of_ten(digits);
  return unscaled > -end && unscaled < end;
}

DuckdbValue decimal_of(Int128 unscaled, DecimalSize size) {
  const rows::Wide words = rows::Wide::of(unscaled);
  return DuckdbValue(duckdb_create_decimal(
      {size.precision, size.scale, {words.low, static_cast<std::int64_t>(words.high)}}));
}

struct Binder {
  duckdb_prepared_statement statement;
  Comparison comparison;
  SizedType stored;
  idx_t at;

  duckdb_state operator()(bool value) const { return duckdb_bind_boolean(statement, at, value); }
  duckdb_state operator()(std::int64_t value) const {
    if (stored == ColumnType::float64) {
      const bool equality = comparison == Comparison::eq || comparison == Comparison::ne;
      if (equality && equals_no_double(value)) return duckdb_bind_null(statement, at);
      return duckdb_bind_double(statement, at, stand_in(value, comparison));
    }
    if (stored == ColumnType::decimal) return bind_decimal({value, 0});
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
  duckdb_state operator()(const query::Decimal& value) const { return bind_decimal(value); }
  duckdb_state operator()(const Uuid& value) const {
    return bind(DuckdbValue(duckdb_create_uuid({value.low, value.high})));
  }
  duckdb_state operator()(const std::string& value) const {
    return duckdb_bind_varchar_length(statement, at, value.data(), value.size());
  }
  duckdb_state operator()(query::Nothing) const { return duckdb_bind_null(statement, at); }

 private:
  duckdb_state bind(const DuckdbValue& value) const { return duckdb_bind_value(statement, at, value.get()); }
  // DuckDB casts a decimal of another scale, which fails if it does not fit, so bind the column's own scale.
  duckdb_state bind_decimal(const query::Decimal& value) const {
    if (stored.size.scale < value.scale) return DuckDBError;
    const Int128 unscaled = rescaled(value, stored.size.scale);
    if (fits(unscaled, stored.size.precision)) return bind(decimal_of(unscaled, stored.size));
    if (fits(unscaled, kDecimalDigits))
      return bind(decimal_of(unscaled, {catalog::kMostDecimalDigits, stored.size.scale}));
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return duckdb_bind_double(statement, at, unscaled > 0 ? kInfinity : -kInfinity);
  }
};

// Makes an element of a list in the type in which the column is stored. Returns null for a value that the
// type does not have, which no row can equal.
struct Element {
  SizedType stored;

  DuckdbValue operator()(bool value) const { return DuckdbValue(duckdb_create_bool(value)); }
  DuckdbValue operator()(std::int64_t value) const {
    if (stored == ColumnType::decimal) return (*this)(query::Decimal{value, 0});
    if (stored == ColumnType::float64) {
      if (equals_no_double(value)) return nullptr;
      return DuckdbValue(duckdb_create_double(static_cast<double>(value)));
    }
    if (stored != ColumnType::integer) return DuckdbValue(duckdb_create_int64(value));
    if (value < kMin || value > kMax) return nullptr;
    return DuckdbValue(duckdb_create_int32(static_cast<std::int32_t>(value)));
  }
  DuckdbValue operator()(double value) const { return DuckdbValue(duckdb_create_double(value)); }
  DuckdbValue operator()(query::Date value) const { return DuckdbValue(duckdb_create_date({value.days})); }
  DuckdbValue operator()(query::Timestamp value) const {
    return DuckdbValue(stored == ColumnType::timestamptz ? duckdb_create_timestamp_tz({value.micros})
                                                         : duckdb_create_timestamp({value.micros}));
  }
  DuckdbValue operator()(const query::Decimal& value) const {
    if (stored.size.scale < value.scale) return nullptr;
    const Int128 unscaled = rescaled(value, stored.size.scale);
    return fits(unscaled, stored.size.precision) ? decimal_of(unscaled, stored.size) : nullptr;
  }
  DuckdbValue operator()(const Uuid& value) const {
    return DuckdbValue(duckdb_create_uuid({value.low, value.high}));
  }
  DuckdbValue operator()(const std::string& value) const {
    return DuckdbValue(duckdb_create_varchar_length(value.data(), value.size()));
  }
  DuckdbValue operator()(query::Nothing) const { return nullptr; }
};

LogicalType logical_type(const SizedType& stored) {
  if (stored != ColumnType::decimal) return LogicalType(duckdb_create_logical_type(stored_type(stored)));
  return LogicalType(duckdb_create_decimal_type(stored.size.precision, stored.size.scale));
}

duckdb_state bind_list(duckdb_prepared_statement statement, idx_t at, const query::ValueList& list,
                       const SizedType& stored) {
  std::vector<DuckdbValue> elements;
  std::vector<duckdb_value> handles;
  elements.reserve(list.size());
  // One more, because DuckDB rejects the null pointer of an empty vector.
  handles.reserve(list.size() + 1);
  for (const query::Value& value : list) {
    DuckdbValue element = std::visit(Element{stored}, value);
    if (element == nullptr) continue;
    handles.push_back(element.get());
    elements.push_back(std::move(element));
  }
  const LogicalType type = logical_type(stored);
  const DuckdbValue bound(duckdb_create_list_value(type.get(), handles.data(), handles.size()));
  return bound == nullptr ? DuckDBError : duckdb_bind_value(statement, at, bound.get());
}

// No zone is, or was, 36 hours from UTC.
constexpr std::int64_t kMostOffset = 36 * query::kMicrosPerHour;

// Returns the number of the next param, or 0.
idx_t bind_day(duckdb_prepared_statement statement, idx_t at, const query::CompareDay& test, query::Date day,
               const SizedType& stored) {
  const std::int64_t midnight = day.days * query::kMicrosPerDay;
  const auto bind = [&](const query::Value& value) {
    return std::visit(Binder{statement, Comparison::eq, stored, at++}, value) == DuckDBSuccess;
  };
  if (bounds_begin(test) && !bind(query::Timestamp{midnight - kMostOffset})) return 0;
  const std::int64_t end = midnight + query::kMicrosPerDay;
  if (bounds_end(test) && !bind(query::Timestamp{end + kMostOffset})) return 0;
  if (bounds_begin(test) != bounds_end(test)) {
    const bool whole = test.comparison == Comparison::gt || test.comparison == Comparison::le;
    const std::int64_t edge = whole ? end : midnight;
    if (!bind(query::Timestamp{bounds_begin(test) ? edge + kMostOffset : edge - kMostOffset})) return 0;
  }
  return bind(day) ? at : 0;
}

}  // namespace

duckdb_state bind_value(duckdb_prepared_statement statement, idx_t at, const query::Value& value,
                        const SizedType& stored) {
  return std::visit(Binder{statement, Comparison::eq, stored, at}, value);
}

bool equals_no_double(std::int64_t number) {
  return double_beside(number, true) != double_beside(number, false);
}

idx_t bind_conditions(duckdb_prepared_statement statement, const query::BoundConditions& bound,
                      const StoredType& stored_type, idx_t at) {
  const query::ValueList* list = bound.lists.data();
  for (std::size_t i = 0; i < bound.conditions.size(); ++i) {
    const query::Condition& condition = bound.conditions[i];
    const SizedType stored = stored_type(condition.column);
    if (const auto* const among = std::get_if<query::Among>(&condition.test)) {
      if (bind_list(statement, at++, *list, among->by_day ? SizedType(ColumnType::date) : stored) !=
          DuckDBSuccess)
        return 0;
      const bool asks_empty = among->negated && !among->or_null;
      if (asks_empty && duckdb_bind_boolean(statement, at++, list->empty()) != DuckDBSuccess) return 0;
      ++list;
      continue;
    }
    if (const auto* const day = std::get_if<query::CompareDay>(&condition.test)) {
      const auto* const value = std::get_if<query::Date>(&bound.values[i]);
      at = value == nullptr ? 0 : bind_day(statement, at, *day, *value, stored);
      if (at == 0) return 0;
      continue;
    }
    const auto* const compare = std::get_if<query::Compare>(&condition.test);
    const Binder binder{statement, compare != nullptr ? compare->comparison : Comparison::eq, stored, at++};
    if (std::visit(binder, bound.values[i]) != DuckDBSuccess) return 0;
  }
  return at;
}

}  // namespace offloader::duckdb
