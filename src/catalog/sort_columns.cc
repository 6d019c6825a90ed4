#include "offloader/catalog/sort_columns.h"

#include <algorithm>
#include <map>
#include <set>

namespace offloader::catalog {

bool narrows(const Filter& filter) {
  return filter.any == 0 && row_of(filter.op).narrows;
}

std::vector<std::size_t> sort_columns(const Dataset& dataset, const std::vector<const Endpoint*>& endpoints) {
  std::map<std::size_t, int> shares;  // column that filters narrow: number of endpoints that use it
  for (const Endpoint* endpoint : endpoints) {
    if (endpoint->serving_mode == ServingMode::remote_scan) continue;
    std::set<std::size_t> narrowed;
    for (const Filter& filter : endpoint->filters) {
      if (narrows(filter)) narrowed.insert(filter.column);
    }
    for (const std::size_t column : narrowed) ++shares[column];
  }
  std::vector<std::size_t> columns;
  for (const auto& [column, count] : shares) {
    if (column != dataset.tenant_column) columns.push_back(column);
  }
  std::stable_sort(columns.begin(), columns.end(),
                   [&](std::size_t a, std::size_t b) { return shares[a] > shares[b]; });
  const std::size_t room = kMostSortColumns - (dataset.tenant_column ? 1 : 0);
  if (columns.size() > room) columns.resize(room);
  return columns;
}

}  // namespace offloader::catalog
