#pragma once

#include <optional>

#include "offloader/catalog/catalog.h"

namespace offloader::identity {

// The tenant that a key may read of a dataset, in the type of its tenant column. Returns nullopt when the key
// has none, or when it does not fit the column.
[[nodiscard]] std::optional<catalog::Tenant> tenant_of(const catalog::Key& key,
                                                       const catalog::Dataset& dataset);

}  // namespace offloader::identity
