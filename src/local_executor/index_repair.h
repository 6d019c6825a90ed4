#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "build_memory.h"
#include "instance_ledger.h"
#include "local_files.h"
#include "offloader/catalog/catalog.h"
#include "offloader/index/layout.h"
#include "offloader/local_executor/local_executor.h"

namespace offloader::local_executor {

// A complete snapshot whose index should be rebuilt.
struct IndexRepair {
  SnapshotFiles files;
  const catalog::Dataset* dataset = nullptr;
  std::string fingerprint;
  std::optional<index::WantedLayout> wanted;  // nullopt: the layout with which the snapshot was built
  std::chrono::milliseconds memory_wait = std::chrono::minutes(15);
};

// Rebuilds the index from the snapshot's DuckDB file and renames it into place. Uses a DuckDB instance of its
// own with one thread and a share of the memory for builds, for which it waits. If the wanted order is not
// the stored one, it sorts the rows; if that fails it keeps the stored order, which gives the same answers.
// Returns false if there is nothing to index. Blocking. Errors: those of BuildMemory::take() and
// build_index(); DuckDB's, for instance if the file does not record its layout.
[[nodiscard]] Result<bool> repair_index(const Options& options, const IndexRepair& repair,
                                        InstanceLedger& ledger, BuildMemory& memory,
                                        const CancelFlag& cancel);

}  // namespace offloader::local_executor
