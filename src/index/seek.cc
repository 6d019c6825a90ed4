#include "seek.h"

#include <algorithm>
#include <limits>

#include "keys.h"
#include "search.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;
using query::Comparison;

// Up to this many rows the index answers pages by cursor. Of ten million rows in another order, it reads any
// page in 30 ms; DuckDB takes 60 ms for the first page, and 170 ms for later ones (one thread each).
constexpr std::uint64_t kPageRows = 32'000'000;

std::optional<SeekKey> resolve_key(const Column& column, bool descending, const query::Value& value) {
  SeekKey key{.column = &column, .descending = descending};
  key.null = std::holds_alternative<query::Nothing>(value);
  if (key.null) return key;
  if (column.type == ColumnType::json) {
    const auto* const text = std::get_if<std::string>(&value);
    if (text == nullptr) return std::nullopt;
    key.document = *text;
    return key;
  }
  const auto from = keys_of_comparison(column, Comparison::ge, value);
  const auto same = keys_of_comparison(column, Comparison::eq, value);
  if (!from || !same) return std::nullopt;
  key.exact = !same->empty;
  key.key = from->empty ? std::numeric_limits<std::uint64_t>::max() : from->keys.low;
  if (column.type == ColumnType::float64) key.key = unify_zero(key.key);
  return key;
}

// Returns the key of a column that has one key in all rows of the answer. Requires: the range is not empty.
std::uint64_t only_key(const Column& column, const Lookup& lookup) {
  for (std::size_t i = 0; i < lookup.predicate_count; ++i) {
    const Predicate& predicate = lookup.predicates[i];
    if (predicate.column == &column && predicate.low == predicate.high) return predicate.low;
  }
  return column.order_key(lookup.begin);
}

// Returns the first row of the range, as it is walked, for which `reached(row)` holds; the row after it if it
// is walked backward. Requires: it holds for all rows that follow such a row.
template <typename Reached>
std::uint32_t first_reached(const Lookup& lookup, bool forward, Reached reached) {
  std::uint32_t low = lookup.begin;
  std::uint32_t high = lookup.end;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (reached(middle) == forward) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

// Leaves the rows out that come before the seek, as far as the rows are stored in the order.
void narrow_to_seek(const SeekRow& seek, bool forward, std::size_t stored, Lookup& lookup) {
  const std::size_t keys = std::min(stored, seek.keys.size());
  (forward ? lookup.begin : lookup.end) =
      first_reached(lookup, forward, [&](std::uint32_t row) { return seek.compare(row, keys) >= 0; });
}

// Leaves the rows out that follow the page, but for those alike with its last one in the stored keys. The
// page ends at most `wanted` rows after `from`.
void narrow_to_page(const std::vector<SortKey>& order, bool forward, std::size_t stored, std::uint32_t from,
                    std::uint64_t wanted, Lookup& lookup) {
  const std::uint32_t left = forward ? lookup.end - from : from - lookup.begin;
  if (wanted >= left) return;
  const auto rows = static_cast<std::uint32_t>(wanted);
  const std::uint32_t last = forward ? from + rows - 1 : from - rows;
  Range run = forward ? Range{last, lookup.end} : Range{lookup.begin, last + 1};
  for (std::size_t k = 0; k < stored; ++k) {
    const std::uint64_t key = order[k].column->order_key(last);
    run = rows_between(*order[k].column, run, key, key);
  }
  if (forward) {
    lookup.end = std::clamp(run.end, last + 1, lookup.end);
  } else {
    lookup.begin = std::clamp(run.begin, lookup.begin, last);
  }
}

}  // namespace

std::optional<SeekRow> resolve_seek(const query::Plan& plan, const Reader& reader, const Lookup& lookup) {
  const query::PlanShape& shape = *plan.shape;
  SeekRow seek;
  std::vector<const Column*> known;
  for (std::size_t i = 0; i < plan.after->keys.size(); ++i) {
    const query::OrderKey& by = shape.order[i];
    const Column* const column = reader.column(shape.projections[by.projection].column);
    if (std::find(known.begin(), known.end(), column) != known.end()) continue;
    known.push_back(column);
    auto key = resolve_key(*column, by.descending, plan.after->keys[i]);
    if (!key) return std::nullopt;
    if (!lookup.is_fixed(column)) {
      seek.keys.push_back(*key);
      continue;
    }
    // In the snapshot of the cursor, the only key is that of the seek. In another one it may differ.
    if (lookup.begin == lookup.end) continue;
    seek.when_alike = key->compare_key(only_key(*column, lookup));
    if (seek.when_alike != 0) break;
  }
  return seek;
}

std::uint32_t end_of_alike(const SeekRow& seek, bool forward, std::size_t stored, const Lookup& lookup) {
  const std::size_t keys = std::min(stored, seek.keys.size());
  return first_reached(lookup, forward, [&](std::uint32_t row) { return seek.compare(row, keys) > 0; });
}

Lookup look_up_page(const query::Plan& plan, const Reader& reader, const Thresholds& thresholds) {
  Lookup lookup = look_up(plan, reader, thresholds);
  const query::PlanShape& shape = *plan.shape;
  if (!lookup.supported || !plan.wants_end) return lookup;
  if (shape.grouped()) {
    // Groups go on at a position, unless the snapshot has changed: that is DuckDB's.
    if (plan.after) lookup.supported = false;
    return lookup;
  }
  std::vector<SortKey> order;
  resolve_order(shape.order, shape, reader, lookup, order);
  const std::size_t stored = shape.top ? 0 : stored_order(order, reader, lookup);
  const bool forward = order.empty() || !order[0].descending;
  std::uint32_t from = forward ? lookup.begin : lookup.end;
  if (plan.after) {
    const auto seek = resolve_seek(plan, reader, lookup);
    if (!seek) {
      lookup.supported = false;
      return lookup;
    }
    if (stored > 0) {
      narrow_to_seek(*seek, forward, stored, lookup);
      from = end_of_alike(*seek, forward, stored, lookup);
    }
  }
  if (stored > 0 && !lookup.filters_rows())
    narrow_to_page(order, forward, stored, from, PageBounds(plan).wanted(), lookup);
  lookup.in_runs = false;
  lookup.rows = lookup.end - lookup.begin;
  Thresholds own = thresholds;
  own.pool_rows = std::max(own.pool_rows, kPageRows);
  lookup.cost = page_cost(plan, lookup, shape.top ? thresholds : own);
  return lookup;
}

}  // namespace offloader::index
