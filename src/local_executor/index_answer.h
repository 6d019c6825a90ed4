#pragma once

#include <optional>

#include "offloader/index/lookup.h"
#include "offloader/local_executor/local_executor.h"

namespace offloader::local_executor {

// The answer of the snapshot's index, when it has one and the work is of the given cost; nothing when DuckDB
// is to answer: no index, no support, other cost, or more to hold in memory than the index executor may.
// `cancel` may be null.
[[nodiscard]] std::optional<executor::Outcome> answer_by_index(const query::Plan& plan,
                                                               const executor::Snapshot& snapshot,
                                                               const CancelFlag* cancel, index::Cost cost,
                                                               const index::Thresholds& thresholds,
                                                               rows::Writer& writer);

}  // namespace offloader::local_executor
