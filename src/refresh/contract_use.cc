#include "contract_use.h"

#include <algorithm>
#include <map>
#include <set>

namespace offloader::refresh {

ServingModes serving_modes(const catalog::Catalog& catalog, const catalog::Dataset& dataset) {
  ServingModes modes;
  for (const auto& [name, endpoint] : catalog.endpoints) {
    if (endpoint.dataset != dataset.id) continue;
    (endpoint.serving_mode == catalog::ServingMode::remote_scan ? modes.remote : modes.local) = true;
  }
  if (!modes.remote) modes.local = true;
  return modes;
}

ContractUse contract_use(const catalog::Catalog& catalog, const catalog::Dataset& dataset) {
  ContractUse use{serving_modes(catalog, dataset), {}, {}};
  std::map<std::size_t, int> shares;  // column that filters narrow: number of endpoints that use it
  std::set<std::size_t> indexed;
  if (dataset.tenant_column) indexed.insert(*dataset.tenant_column);
  for (const auto& [name, endpoint] : catalog.endpoints) {
    if (endpoint.dataset != dataset.id || endpoint.serving_mode == catalog::ServingMode::remote_scan)
      continue;
    std::set<std::size_t> narrowed;
    for (const auto& filter : endpoint.filters) {
      // The index cannot test documents.
      if (dataset.schema[filter.column].type != catalog::ColumnType::json) indexed.insert(filter.column);
      if (filter.any == 0 && catalog::row_of(filter.op).narrows) narrowed.insert(filter.column);
    }
    for (const std::size_t column : narrowed) ++shares[column];
    for (const auto& select : endpoint.select) {
      if (select.reads_column()) indexed.insert(select.column);
      if (select.measure.by) indexed.insert(*select.measure.by);
      for (const auto& filter : select.measure.where) {
        if (dataset.schema[filter.column].type != catalog::ColumnType::json) indexed.insert(filter.column);
      }
    }
  }
  for (const auto& [column, count] : shares) {
    if (column != dataset.tenant_column) use.sort_columns.push_back(column);
  }
  std::stable_sort(use.sort_columns.begin(), use.sort_columns.end(),
                   [&](std::size_t a, std::size_t b) { return shares[a] > shares[b]; });
  const std::size_t room = dataset.tenant_column ? 3 : 4;
  if (use.sort_columns.size() > room) use.sort_columns.resize(room);
  use.indexed_columns.assign(indexed.begin(), indexed.end());
  return use;
}

}  // namespace offloader::refresh
