#pragma once

#include "index_build.h"
#include "instance_ledger.h"
#include "offloader/catalog/catalog.h"
#include "offloader/engine/engine.h"

namespace offloader::engine {

// Which columns an index of this build has, and the order that the rows are in; without connection and
// cancel.
[[nodiscard]] IndexBuild index_layout(const BuildRequest& request, const std::vector<std::size_t>& sorted);

// SQL that leaves the layout in the snapshot's own file, `target`, so that a lost index can be built again
// from that file alone.
[[nodiscard]] std::string layout_sql(const IndexBuild& build);

// Builds the index of a finished snapshot again from its DuckDB file, in an instance of its own, and puts it
// in place. Blocking; one thread. Errors: those of build_index, and internal when the file does not tell its
// layout.
[[nodiscard]] Result<void> repair_index(const EngineOptions& options, const SnapshotFiles& files,
                                        const catalog::Dataset& dataset, InstanceLedger& ledger,
                                        const CancelFlag& cancel);

}  // namespace offloader::engine
