#include "offloader/index/lookup.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "offloader/base/json_text.h"
#include "search.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;
using query::Comparison;

struct Interval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool empty = false;
};

// The keys that match a comparison with a value. `first` and `last` are the value's least and greatest key
// (they differ for zeros and absent texts). They have 128 bits since they may be outside the column's range.
Interval interval_of(const Column& column, Comparison comparison, Int128 first, Int128 last) {
  Int128 low = 0;
  Int128 high = static_cast<Int128>(column.max_key);
  switch (comparison) {
    case Comparison::eq:
      low = first;
      high = std::min(high, last);
      break;
    case Comparison::ge:
      low = first;
      break;
    case Comparison::le:
      high = std::min(high, last);
      break;
    case Comparison::lt:
      high = std::min<Int128>(high, first - 1);
      break;
  }
  low = std::max<Int128>(low, 0);
  if (low > high) return {.empty = true};
  return {static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(high)};
}

std::optional<Interval> interval_of(const Column& column, Comparison comparison, const query::Value& value) {
  switch (column.type.type) {
    case ColumnType::uuid:
    case ColumnType::varchar: {
      std::array<char, kUuidBytes> canonical;
      std::string_view text;
      if (const auto* own = std::get_if<std::string>(&value);
          own != nullptr && column.type == ColumnType::varchar) {
        text = *own;
      } else if (const auto* uuid = std::get_if<Uuid>(&value);
                 uuid != nullptr && column.type == ColumnType::uuid) {
        write_uuid(canonical.data(), *uuid);
        text = {canonical.data(), canonical.size()};
      } else {
        return std::nullopt;
      }
      if (column.entries == 0) return Interval{.empty = true};
      const std::uint64_t code = lower_code(column, text);
      const bool found = code < column.dictionary.texts.count && column.dictionary.texts.at(code) == text;
      if (comparison == Comparison::eq && !found) return Interval{.empty = true};
      const auto first = static_cast<Int128>(code);
      return interval_of(column, comparison, first, found ? first : first - 1);
    }
    case ColumnType::float64: {
      const auto* number = std::get_if<double>(&value);
      if (number == nullptr) return std::nullopt;
      if (column.nulls != 0 && column.max_key == 0) return Interval{.empty = true};
      const bool zero = *number == 0;
      const std::uint64_t key = key_of_double(*number);
      return interval_of(column, comparison, static_cast<Int128>(zero ? kNegativeZeroKey : key),
                         static_cast<Int128>(zero ? kPositiveZeroKey : key));
    }
    case ColumnType::json:
      return std::nullopt;
    default:
      break;
  }
  Int128 number = 0;
  if (const auto* wide = std::get_if<std::int64_t>(&value);
      wide != nullptr && (column.type == ColumnType::integer || column.type == ColumnType::bigint)) {
    number = *wide;
  } else if (const auto* flag = std::get_if<bool>(&value);
             flag != nullptr && column.type == ColumnType::boolean) {
    number = *flag ? 1 : 0;
  } else if (const auto* date = std::get_if<query::Date>(&value);
             date != nullptr && column.type == ColumnType::date) {
    number = date->days;
  } else if (const auto* time = std::get_if<query::Timestamp>(&value);
             time != nullptr &&
             (column.type == ColumnType::timestamp || column.type == ColumnType::timestamptz)) {
    number = time->micros;
  } else if (const auto* decimal = std::get_if<query::Decimal>(&value);
             decimal != nullptr && column.type == ColumnType::decimal &&
             decimal->scale == column.type.size.scale) {
    number = decimal->unscaled;
  } else {
    return std::nullopt;
  }
  number -= column.base;
  return interval_of(column, comparison, number, number);
}

void narrow_by_directory(const Column& column, const Predicate& predicate, const RunDirectory* runs,
                         Lookup& lookup) {
  const std::uint64_t* keys = column.directory_keys;
  const std::uint64_t* keys_end = keys + column.directory_count;
  // Usually the first sort column contains every code of its dictionary. Then a key's position is the key.
  const bool in_place = predicate.low < column.directory_count && keys[predicate.low] == predicate.low;
  const std::uint64_t* low =
      in_place ? keys + predicate.low : std::lower_bound(keys, keys_end, predicate.low);
  const bool single = predicate.low == predicate.high && low != keys_end && *low == predicate.low;
  const std::uint64_t* high = single ? low + 1 : std::upper_bound(low, keys_end, predicate.high);
  const std::uint64_t begin = column.directory_starts[low - keys];
  const std::uint64_t end = column.directory_starts[high - keys];
  // A damaged directory may contain any number, so clamp to the rows of the file.
  lookup.end = static_cast<std::uint32_t>(std::min<std::uint64_t>(end, lookup.end));
  lookup.begin = static_cast<std::uint32_t>(std::min<std::uint64_t>(begin, lookup.end));
  if (!single || runs == nullptr) return;
  lookup.in_runs = true;
  lookup.runs = runs->runs_of(static_cast<std::uint64_t>(low - keys));
}

// Narrows the range by a predicate on the sort column at position `k`. Requires: the sort columns before it
// have one value each.
void narrow(const Column& column, const Predicate& predicate, std::size_t k, const RunDirectory* runs,
            Lookup& lookup) {
  if (k == 0 && column.type != ColumnType::float64 && column.directory_keys != nullptr) {
    narrow_by_directory(column, predicate, runs, lookup);
    return;
  }
  Range rows{lookup.begin, lookup.end};
  if (k == 1 && lookup.in_runs) {
    lookup.runs = runs_between(*runs, lookup.runs, predicate.low, predicate.high);
    rows = runs->rows_of(lookup.runs, rows);
  } else {
    lookup.in_runs = false;
    rows = rows_between(column, rows, predicate.low, predicate.high);
  }
  lookup.begin = rows.begin;
  lookup.end = rows.end;
}

// Whether the index has every projected column with the expected type, and the executor supports its use.
bool shape_supported(const query::PlanShape& shape, const Reader& reader) {
  const bool grouped = shape.aggregated || !shape.group_by.empty();
  for (const query::Projection& projection : shape.projections) {
    const Column* column = reader.column(projection.column);
    if (column == nullptr || column->type != projection.type) return false;
    if (grouped && projection.type == ColumnType::json) return false;
  }
  return true;
}

Cost cost_of(const Lookup& lookup, const Thresholds& thresholds) {
  if (lookup.rows <= thresholds.immediate_rows) return Cost::immediate;
  return lookup.rows <= thresholds.pool_rows ? Cost::pool : Cost::duckdb;
}

}  // namespace

Lookup look_up(const query::Plan& plan, const Reader& reader, const Thresholds& thresholds) {
  const query::PlanShape& shape = *plan.shape;
  Lookup lookup;
  lookup.end = static_cast<std::uint32_t>(reader.rows());
  if (plan.values.size() != shape.conditions.size() || !shape_supported(shape, reader)) return lookup;
  bool nothing = plan.never;
  for (std::size_t i = 0; i < shape.conditions.size(); ++i) {
    const query::Condition& condition = shape.conditions[i];
    const Column* column = reader.column(condition.column);
    if (column == nullptr || column->type != condition.type) return lookup;
    // `never` means that some value cannot occur in its column, so it cannot be converted to a key. The
    // tenant's value is still checked.
    if (plan.never && (i > 0 || !shape.tenant_scoped)) continue;
    const auto interval = interval_of(*column, condition.comparison, plan.values[i]);
    if (!interval) return lookup;
    nothing = nothing || interval->empty;
    if (nothing) continue;
    std::size_t at = 0;
    while (at < lookup.predicate_count && lookup.predicates[at].column != column) ++at;
    if (at == Lookup::kMaxPredicates) return lookup;
    Predicate& predicate = lookup.predicates[at];
    if (at == lookup.predicate_count) {
      predicate = {column, interval->low, interval->high};
      ++lookup.predicate_count;
    } else {
      predicate.low = std::max(predicate.low, interval->low);
      predicate.high = std::min(predicate.high, interval->high);
    }
    nothing = predicate.low > predicate.high;
  }
  lookup.supported = true;
  if (nothing) {
    lookup.end = 0;
    lookup.predicate_count = 0;
    lookup.cost = Cost::immediate;
    return lookup;
  }
  for (std::size_t i = 0; i < lookup.predicate_count; ++i) {
    if (lookup.predicates[i].low == lookup.predicates[i].high) {
      lookup.fixed[lookup.fixed_count++] = lookup.predicates[i].column;
    }
  }
  for (std::size_t k = 0; k < reader.sort_columns().size(); ++k) {
    const Column* column = reader.sort_columns()[k];
    std::size_t at = 0;
    while (at < lookup.predicate_count && lookup.predicates[at].column != column) ++at;
    if (at == lookup.predicate_count) break;
    const Predicate predicate = lookup.predicates[at];
    narrow(*column, predicate, k, reader.runs(), lookup);
    lookup.predicates[at] = lookup.predicates[--lookup.predicate_count];
    if (predicate.low != predicate.high) break;
    lookup.fixed_sort_columns = k + 1;
  }
  lookup.rows = lookup.end - lookup.begin;
  lookup.cost = cost_of(lookup, thresholds);
  return lookup;
}

}  // namespace offloader::index
