#include "offloader/index/lookup.h"

#include <algorithm>

#include "offloader/catalog/time_zone.h"
#include "order.h"
#include "predicates.h"
#include "search.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;

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

// Whether the index can cut to the bucket, and add those without rows if the plan wants them.
bool cuts(const query::PlanShape& shape, const query::Projection& projection) {
  if (!catalog::fixed_offset(projection.bucket->zone)) return false;
  return !projection.bucket->fills() || shape.group_by.size() == 1;
}

// Whether the index has the column with this type and can order by it.
bool has_column(const query::PlanShape& shape, const Reader& reader, std::size_t at) {
  const Column* const column = reader.column(at);
  return column != nullptr && column->type == shape.schema[at].type && column->type != ColumnType::json;
}

bool computes(catalog::Aggregate aggregate) {
  return aggregate != catalog::Aggregate::median && aggregate != catalog::Aggregate::quantile;
}

// Whether the index has every projected column with the expected type, and the executor supports its use.
bool shape_supported(const query::PlanShape& shape, const Reader& reader) {
  const bool grouped = shape.grouped();
  for (const query::Projection& projection : shape.projections) {
    if (projection.aggregate && !computes(*projection.aggregate)) return false;
    if (projection.measure.by && !has_column(shape, reader, *projection.measure.by)) return false;
    if (!projection.reads_column()) continue;
    const Column* column = reader.column(projection.column);
    if (column == nullptr || column->type != projection.type) return false;
    if (projection.bucket && !(grouped && cuts(shape, projection))) return false;
    if (grouped && projection.type == ColumnType::json) return false;
  }
  return true;
}

// Resolves the conditions of aggregates. Returns false if the index cannot answer them.
bool resolve_where(const query::PlanShape& shape, const Reader& reader, Lookup& lookup) {
  for (const query::Projection& projection : shape.projections) {
    if (!projection.measure.filters_rows()) continue;
    Lookup& where = lookup.where.emplace_back();
    where.rows = lookup.rows;
    where.end = lookup.end;
    Predicates predicates(projection.measure.conditions(), false, reader, where);
    if (!predicates.resolve()) return false;
    if (predicates.nothing()) {
      where.end = 0;
    } else if (!where.pieces.empty() && lookup.cost != Cost::duckdb) {
      mark_members(where);
    }
  }
  return true;
}

// `added`: buckets without rows, which cost as much as a row.
Cost cost_of(const query::Plan& plan, const Lookup& lookup, std::uint64_t added,
             const Thresholds& thresholds) {
  // To find the first rows of each group, each row is compared with those found before it. Totals read the
  // rows once more each.
  constexpr std::uint64_t kTopEffort = 4;
  const std::uint64_t parts = 1U + (plan.total_rows ? 1U : 0U) + (plan.totals ? 1U : 0U);
  const std::uint64_t effort = (lookup.rows + added) * parts * (plan.shape->top ? kTopEffort : 1U);
  if (effort <= thresholds.immediate_rows) return Cost::immediate;
  // Rows in the order in which they are stored take no memory, however many they are.
  if (!plan.shape->grouped() && !plan.shape->top && plan.shape->order.empty()) return Cost::pool;
  return lookup.rows <= thresholds.pool_rows ? Cost::pool : Cost::duckdb;
}

// Returns how many buckets may be added.
std::uint64_t added_buckets(const query::Plan& plan) {
  const query::Bucket* const bucket = plan.shape->filled();
  if (bucket == nullptr) return 0;
  // Without a bound it depends on the rows, which may be anywhere.
  return static_cast<std::uint64_t>(least_buckets(plan.axis, *bucket).value_or(query::kMostBuckets));
}

}  // namespace

Cost page_cost(const query::Plan& plan, const Lookup& lookup, const Thresholds& thresholds) {
  return cost_of(plan, lookup, added_buckets(plan), thresholds);
}

Lookup look_up(const query::Plan& plan, const Reader& reader, const Thresholds& thresholds) {
  const query::PlanShape& shape = *plan.shape;
  Lookup lookup;
  lookup.end = static_cast<std::uint32_t>(reader.rows());
  if (plan.values.size() != shape.conditions.size() || !shape_supported(shape, reader)) return lookup;
  Predicates predicates(plan.filters(), shape.tenant_scoped, reader, lookup);
  if (!predicates.resolve()) return lookup;
  if (predicates.nothing()) {
    lookup.end = 0;
    lookup.predicate_count = 0;
    lookup.any_ends.clear();
    lookup.cost = cost_of(plan, lookup, added_buckets(plan), thresholds);
    lookup.supported = resolve_where(shape, reader, lookup);
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
    // The rows between the pieces are still in the range.
    if (predicate.pieces == 0) lookup.predicates[at] = lookup.predicates[--lookup.predicate_count];
    if (predicate.low != predicate.high) break;
    lookup.fixed_sort_columns = k + 1;
  }
  lookup.rows = lookup.end - lookup.begin;
  lookup.cost = cost_of(plan, lookup, added_buckets(plan), thresholds);
  if (!lookup.pieces.empty() && lookup.cost != Cost::duckdb) mark_members(lookup);
  lookup.supported = resolve_where(shape, reader, lookup);
  return lookup;
}

}  // namespace offloader::index
