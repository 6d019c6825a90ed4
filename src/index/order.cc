#include "order.h"

namespace offloader::index {

void resolve_order(const std::vector<query::OrderKey>& order, const query::PlanShape& shape,
                   const Reader& reader, const Lookup& lookup, std::vector<SortKey>& keys) {
  keys.clear();
  for (const query::OrderKey& key : order) {
    const Column* column = reader.column(shape.projections[key.projection].column);
    const bool known = std::any_of(keys.begin(), keys.end(),
                                   [column](const SortKey& earlier) { return earlier.column == column; });
    if (!known && !lookup.is_fixed(column)) keys.push_back({column, key.descending});
  }
}

std::size_t stored_order(const std::vector<SortKey>& order, const Reader& reader, const Lookup& lookup) {
  const auto sorted = reader.sort_columns();
  std::size_t matched = 0;
  while (matched < order.size() && lookup.fixed_sort_columns + matched < sorted.size()) {
    const SortKey& key = order[matched];
    if (key.column != sorted[lookup.fixed_sort_columns + matched]) break;
    if (key.descending != order[0].descending) break;
    if (key.descending && key.column->nullable) {
      // Walking backward would put nulls first. Nulls of the first key would be the last rows of the range.
      const bool has_null =
          matched > 0 || lookup.begin == lookup.end || key.column->is_null(key.column->key(lookup.end - 1));
      if (has_null) break;
    }
    ++matched;
  }
  return matched;
}

}  // namespace offloader::index
