#include "order.h"

namespace offloader::index {

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
