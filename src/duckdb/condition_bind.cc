#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "condition_sql.h"
#include "stored_type.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
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

struct Binder {
  duckdb_prepared_statement statement;
  Comparison comparison;
  ColumnType stored;
  idx_t at;

  duckdb_state operator()(bool value) const { return duckdb_bind_boolean(statement, at, value); }
  duckdb_state operator()(std::int64_t value) const {
    if (stored == ColumnType::float64) {
      const bool equality = comparison == Comparison::eq || comparison == Comparison::ne;
      if (equality && equals_no_double(value)) return duckdb_bind_null(statement, at);
      return duckdb_bind_double(statement, at, stand_in(value, comparison));
    }
    // Bind in the column's own type if the value fits: only then does DuckDB use the bounds of row groups.
    if (stored == ColumnType::integer && value >= kMin && value <= kMax) {
      return duckdb_bind_int32(statement, at, static_cast<std::int32_t>(value));
    }
    return duckdb_bind_int64(statement, at, value);
  }
  duckdb_state operator()(double value) const { return duckdb_bind_double(statement, at, value); }
  duckdb_state operator()(query::Date value) const { return duckdb_bind_date(statement, at, {value.days}); }
  duckdb_state operator()(query::Timestamp value) const {
    return duckdb_bind_timestamp(statement, at, {value.micros});
  }
  duckdb_state operator()(const std::string& value) const {
    return duckdb_bind_varchar_length(statement, at, value.data(), value.size());
  }
  duckdb_state operator()(query::Nothing) const { return duckdb_bind_null(statement, at); }
};

struct LogicalTypeDeleter {
  void operator()(duckdb_logical_type type) const { duckdb_destroy_logical_type(&type); }
};
using LogicalType = std::unique_ptr<_duckdb_logical_type, LogicalTypeDeleter>;

// Makes an element of a list in the type in which the column is stored. Returns null for a value that the
// type does not have, which no row can equal.
struct Element {
  ColumnType stored;

  duckdb_value operator()(bool value) const { return duckdb_create_bool(value); }
  duckdb_value operator()(std::int64_t value) const {
    if (stored == ColumnType::float64)
      return equals_no_double(value) ? nullptr : duckdb_create_double(static_cast<double>(value));
    if (stored != ColumnType::integer) return duckdb_create_int64(value);
    return value >= kMin && value <= kMax ? duckdb_create_int32(static_cast<std::int32_t>(value)) : nullptr;
  }
  duckdb_value operator()(double value) const { return duckdb_create_double(value); }
  duckdb_value operator()(query::Date value) const { return duckdb_create_date({value.days}); }
  duckdb_value operator()(query::Timestamp value) const { return duckdb_create_timestamp({value.micros}); }
  duckdb_value operator()(const std::string& value) const {
    return duckdb_create_varchar_length(value.data(), value.size());
  }
  duckdb_value operator()(query::Nothing) const { return nullptr; }
};

duckdb_state bind_list(duckdb_prepared_statement statement, idx_t at, const query::ValueList& list,
                       ColumnType stored) {
  std::vector<duckdb_value> elements;
  // One more, because DuckDB rejects the null pointer of an empty vector.
  elements.reserve(list.size() + 1);
  for (const query::Value& value : list) {
    if (duckdb_value element = std::visit(Element{stored}, value)) elements.push_back(element);
  }
  const LogicalType type(duckdb_create_logical_type(stored_type(stored)));
  duckdb_value bound = duckdb_create_list_value(type.get(), elements.data(), elements.size());
  const duckdb_state state = bound == nullptr ? DuckDBError : duckdb_bind_value(statement, at, bound);
  duckdb_destroy_value(&bound);
  for (duckdb_value& element : elements) duckdb_destroy_value(&element);
  return state;
}

}  // namespace

bool equals_no_double(std::int64_t number) {
  return double_beside(number, true) != double_beside(number, false);
}

idx_t bind_conditions(duckdb_prepared_statement statement, const query::Plan& plan,
                      std::span<const ColumnType> types) {
  const auto& conditions = plan.shape->conditions;
  const query::ValueList* list = plan.lists.data();
  idx_t at = 1;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const query::Condition& condition = conditions[i];
    const ColumnType stored = types[condition.column];
    if (const auto* const among = std::get_if<query::Among>(&condition.test)) {
      if (bind_list(statement, at++, *list, among->by_day ? ColumnType::date : stored) != DuckDBSuccess)
        return 0;
      const bool asks_empty = among->negated && !among->or_null;
      if (asks_empty && duckdb_bind_boolean(statement, at++, list->empty()) != DuckDBSuccess) return 0;
      ++list;
      continue;
    }
    const auto* const compare = std::get_if<query::Compare>(&condition.test);
    const Binder binder{statement, compare != nullptr ? compare->comparison : Comparison::eq, stored, at++};
    if (std::visit(binder, plan.values[i]) != DuckDBSuccess) return 0;
  }
  return at;
}

}  // namespace offloader::duckdb
