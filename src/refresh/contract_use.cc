#include "contract_use.h"

#include <set>

#include "offloader/catalog/sort_columns.h"

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
  std::vector<const catalog::Endpoint*> endpoints;
  std::set<std::size_t> indexed;
  if (dataset.tenant_column) indexed.insert(*dataset.tenant_column);
  const auto add_tested = [&](const std::vector<catalog::Filter>& filters) {
    for (const catalog::Filter& filter : filters) {
      // The index cannot test documents.
      if (dataset.schema[filter.column].type != catalog::ColumnType::json) indexed.insert(filter.column);
    }
  };
  for (const auto& [name, endpoint] : catalog.endpoints) {
    if (endpoint.dataset != dataset.id || endpoint.serving_mode == catalog::ServingMode::remote_scan)
      continue;
    endpoints.push_back(&endpoint);
    add_tested(endpoint.filters);
    for (const auto& select : endpoint.select) {
      if (select.reads_column()) indexed.insert(select.column);
      if (select.measure.by) indexed.insert(*select.measure.by);
      add_tested(select.measure.where);
    }
  }
  use.sort_columns = catalog::sort_columns(dataset, endpoints);
  use.indexed_columns.assign(indexed.begin(), indexed.end());
  return use;
}

}  // namespace offloader::refresh
