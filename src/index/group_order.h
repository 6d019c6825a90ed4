#pragma once

#include "groups.h"

namespace offloader::index {

// Whether an aggregate's result is null: it has no values (a count is then 0, not null), or it is a floating
// sum or average that is not finite, which JSON cannot express.
[[nodiscard]] bool is_null(const ColumnAggregate& aggregate, const Accumulator& from);

// Fills `groups.order` with the numbers of all groups. With `sort`, the first `wanted` of them are the first
// groups by `groups.keys`, in that order; without, groups stay in the order in which they were found.
// Requires: `wanted` is at most the number of groups.
void order_groups(Groups& groups, bool sort, std::uint64_t wanted);

}  // namespace offloader::index
