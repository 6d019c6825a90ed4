#include "offloader/identity/endpoint_table.h"

#include <algorithm>
#include <cstdint>

namespace offloader::identity {

EndpointTable::EndpointTable(const catalog::Catalog& catalog) {
  entries_.reserve(catalog.endpoints.size());
  for (const auto& [name, endpoint] : catalog.endpoints) {
    Entry& entry = entries_.emplace_back(Entry{name, endpoint.tenant_scoped, {}});
    const catalog::Dataset& dataset = catalog.dataset_of(endpoint);
    if (dataset.tenant_column) entry.tenant_type = dataset.schema[*dataset.tenant_column].type;
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) by_name_.emplace(entries_[i].name, i);
}

std::optional<std::size_t> EndpointTable::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::uint32_t> EndpointTable::indices_of(const std::vector<std::string>& names) const {
  std::vector<std::uint32_t> indices;
  for (const std::string& name : names) {
    if (const auto index = find(name)) indices.push_back(static_cast<std::uint32_t>(*index));
  }
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  indices.shrink_to_fit();
  return indices;
}

}  // namespace offloader::identity
