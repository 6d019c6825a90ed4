#pragma once

#include "groups.h"
#include "offloader/base/cancel.h"

namespace offloader::index {

// Groups and aggregates all selected rows. `in_runs`: the rows of each group follow each other in storage;
// the groups are then found in the order of their rows. Otherwise, in no particular order, uses a table of
// all possible keys if there are few, else a hash table. Returns `too_many` beyond `most` groups. Requires:
// with `in_runs`, rows are not grouped by buckets.
[[nodiscard]] Found scan_groups(Groups& groups, const Lookup& lookup, bool in_runs, const CancelFlag* cancel,
                                std::size_t most);

}  // namespace offloader::index
