#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "instance_ledger.h"
#include "local_files.h"
#include "offloader/catalog/catalog.h"
#include "offloader/index/layout.h"
#include "offloader/local_executor/local_executor.h"

namespace offloader::local_executor {

// A finished snapshot whose index is to be built again.
struct IndexRepair {
  SnapshotFiles files;
  const catalog::Dataset* dataset = nullptr;
  std::string fingerprint;
  std::optional<index::WantedLayout> wanted;  // nullopt: the layout that the snapshot was built with
};

// Builds the index again from the snapshot's DuckDB file, in an instance of its own, and puts it in place.
// The rows are sorted anew where the wanted order is not the stored one; when that fails they stay in the
// stored order, which gives the same answers. False when there is nothing to index. Blocking; one thread.
// Errors: those of build_index, and internal when the file does not tell its layout.
[[nodiscard]] Result<bool> repair_index(const Options& options, const IndexRepair& repair,
                                        InstanceLedger& ledger, const CancelFlag& cancel);

}  // namespace offloader::local_executor
