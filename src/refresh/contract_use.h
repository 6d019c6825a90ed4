#pragma once

#include <cstddef>
#include <vector>

#include "offloader/catalog/catalog.h"

namespace offloader::refresh {

// Which kinds of snapshot the endpoints of a dataset read.
struct ServingModes {
  bool local = false;   // some endpoint is local_table, or there is no endpoint at all
  bool remote = false;  // some endpoint is remote_scan
};

// How the local_table endpoints of a dataset use its columns. Columns are indices into its schema.
struct ContractUse : ServingModes {
  std::vector<std::size_t> sort_columns;     // filter columns, most used first; at most 4 with the tenant's
  std::vector<std::size_t> indexed_columns;  // selected, filtered or the tenant's; ascending
};

[[nodiscard]] ServingModes serving_modes(const catalog::Catalog& catalog, const catalog::Dataset& dataset);
[[nodiscard]] ContractUse contract_use(const catalog::Catalog& catalog, const catalog::Dataset& dataset);

}  // namespace offloader::refresh
