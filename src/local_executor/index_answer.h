#pragma once

#include <optional>

#include "offloader/index/lookup.h"
#include "offloader/local_executor/local_executor.h"

namespace offloader::local_executor {

// Runs the plan in the snapshot's index, on the calling thread. Returns nullopt if DuckDB should answer or
// the caller should try another cost: there is no usable index, it does not support the plan, the plan has
// another cost than `cost`, or it needs more memory than index::Limits allow. `cancel` may be null. Any
// thread. Errors: those of index::execute().
[[nodiscard]] std::optional<executor::Outcome> answer_by_index(const query::Plan& plan,
                                                               const executor::Snapshot& snapshot,
                                                               const CancelFlag* cancel, index::Cost cost,
                                                               const index::Thresholds& thresholds,
                                                               rows::Writer& writer);

}  // namespace offloader::local_executor
