#pragma once

#include <optional>

#include "offloader/catalog/catalog.h"

namespace offloader::identity {

// Returns the tenant that a key may read in a dataset, converted to the type of its tenant column. Returns
// nullopt if the key has no tenant, the dataset has no tenant column, or the tenant does not fit the column.
[[nodiscard]] std::optional<catalog::Tenant> tenant_of(const catalog::Key& key,
                                                       const catalog::Dataset& dataset);

}  // namespace offloader::identity
