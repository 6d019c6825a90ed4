#pragma once

#include <cstddef>
#include <vector>

#include "offloader/catalog/catalog.h"

namespace offloader::refresh {

// What the endpoints of a dataset do with its columns; indices into its schema.
struct ContractUse {
  bool local = false;                     // some endpoint is local_table, or there is no endpoint at all
  bool remote = false;                    // some endpoint is remote_scan
  std::vector<std::size_t> sort_columns;  // filtered, most shared first; with the tenant column at most four
  std::vector<std::size_t> indexed_columns;  // selected, filtered or the tenant's; ascending
};

[[nodiscard]] ContractUse contract_use(const catalog::Catalog& catalog, const catalog::Dataset& dataset);

}  // namespace offloader::refresh
