#pragma once

#include <optional>
#include <span>

#include "groups.h"
#include "offloader/base/cancel.h"

// Groups that are runs of rows as they are stored: found without a table, and added up over arrays.
namespace offloader::index {

// What groups are told apart by and what is going to be added up, asked for while the runs are still being
// found.
void fetch_ahead(const Groups& groups, const Lookup& lookup, bool by_runs);

// The next sort columns, when they are the group columns in some order: then each group is one run of rows.
[[nodiscard]] std::optional<std::span<const Column* const>> grouped_in_storage(const Groups& groups,
                                                                               const Reader& reader,
                                                                               const Lookup& lookup);

// The run directory, when each group is a run of it, or all rows are one group and the runs are whole.
[[nodiscard]] const RunDirectory* grouped_by_runs(const Groups& groups, const Reader& reader,
                                                  const Lookup& lookup);

// Whether runs, walked forward or backward, come in the order that the plan asks for.
[[nodiscard]] bool ordered_in_storage(const Groups& groups, const Reader& reader, const Lookup& lookup);

// Every row of the range counts and groups are runs of `columns`: sums run over arrays, and the walk ends
// after `wanted` groups. `too_many` past `most`.
[[nodiscard]] Found walk_runs(Groups& groups, std::span<const Column* const> columns, const Lookup& lookup,
                              bool forward, std::uint64_t wanted, const CancelFlag* cancel, std::size_t most);

// The same from the run directory: no row is looked at but for what it has no sums of.
[[nodiscard]] Found take_runs(Groups& groups, const RunDirectory& directory, const Lookup& lookup,
                              bool forward, std::uint64_t wanted, const CancelFlag* cancel, std::size_t most);

}  // namespace offloader::index
