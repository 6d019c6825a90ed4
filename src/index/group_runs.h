#pragma once

#include <optional>
#include <span>

#include "groups.h"
#include "offloader/base/cancel.h"

// Aggregation of groups that are contiguous runs of rows in storage. They are found without a hash table and
// added up over contiguous arrays.
namespace offloader::index {

// Prefetches the values that the search for runs and the aggregation are about to read. `by_runs`: the run
// directory is used.
void fetch_ahead(const Groups& groups, const Lookup& lookup, bool by_runs);

// The sort columns after the fixed ones, if they are exactly the group columns in some order: then each group
// is one run of rows. Else nullopt.
[[nodiscard]] std::optional<std::span<const Column* const>> grouped_in_storage(const Groups& groups,
                                                                               const Reader& reader,
                                                                               const Lookup& lookup);

// The run directory, if each group is one run of it, or if there is one group that consists of whole runs.
// Else null.
[[nodiscard]] const RunDirectory* grouped_by_runs(const Groups& groups, const Reader& reader,
                                                  const Lookup& lookup);

// Whether rows are grouped by the buckets of one column and nothing else, which then has at least one key.
[[nodiscard]] bool grouped_by_bucket(const Groups& groups);

// Whether walking the runs forward or backward gives the order that the plan asks for.
[[nodiscard]] bool ordered_in_storage(const Groups& groups, const Reader& reader, const Lookup& lookup);

// Finds the first `wanted` groups and aggregates them. Requires: no predicates, and each group is a run of
// equal keys in `columns`. Returns `too_many` if there would be more than `most` groups.
[[nodiscard]] Found walk_runs(Groups& groups, std::span<const Column* const> columns, const Lookup& lookup,
                              bool forward, std::uint64_t wanted, const CancelFlag* cancel, std::size_t most);

// The same for buckets, of which each has the rows of an interval of keys. Requires: `columns` of the groups
// is the bucketed one. `directory` is the run directory if it is used, else null.
[[nodiscard]] Found walk_buckets(Groups& groups, const RunDirectory* directory, const Lookup& lookup,
                                 bool forward, std::uint64_t wanted, const CancelFlag* cancel,
                                 std::size_t most);

// The same, by the run directory: rows are read only for aggregates of which it has no sums.
[[nodiscard]] Found take_runs(Groups& groups, const RunDirectory& directory, const Lookup& lookup,
                              bool forward, std::uint64_t wanted, const CancelFlag* cancel, std::size_t most);

}  // namespace offloader::index
