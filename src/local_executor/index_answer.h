#pragma once

#include <optional>

#include "offloader/index/lookup.h"
#include "offloader/local_executor/local_executor.h"

namespace offloader::local_executor {

// Runs the plan's page in the snapshot's index, on the calling thread. Returns nullopt if DuckDB should
// answer or the caller should try another cost: there is no usable index, it does not support the plan, the
// plan costs more than `cost`, or it needs more memory than index::Limits allow. `cancel` may be null. Any
// thread. Errors: those of index::execute().
[[nodiscard]] std::optional<executor::Outcome> answer_by_index(const query::Plan& plan,
                                                               const executor::Snapshot& snapshot,
                                                               const CancelFlag* cancel, index::Cost cost,
                                                               const index::Thresholds& thresholds,
                                                               rows::Writer& writer);

// Returns the number of rows of the plan's whole answer, likewise.
[[nodiscard]] std::optional<tl::expected<std::int64_t, executor::Failure>> count_by_index(
    const query::Plan& plan, const executor::Snapshot& snapshot, const CancelFlag* cancel, index::Cost cost,
    const index::Thresholds& thresholds);

// Answers the page and the totals that the plan asks for. Returns nullopt unless the index answers all of it.
[[nodiscard]] std::optional<executor::Outcome> answer_whole_by_index(
    const query::Plan& plan, const executor::Snapshot& snapshot, const CancelFlag* cancel, index::Cost cost,
    const index::Thresholds& thresholds, rows::Writer& writer);

}  // namespace offloader::local_executor
