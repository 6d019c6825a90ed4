#pragma once

#include "groups.h"

namespace offloader::index {

// Whether an aggregate is null: of no values, or a floating sum past the largest double, which no JSON has.
[[nodiscard]] bool is_null(const ColumnAggregate& aggregate, const Accumulator& from);

// Numbers the groups from 0 in `groups.order`; with `sort` in the order of `groups.keys`, of which the first
// `wanted` are sorted.
void order_groups(Groups& groups, bool sort, std::uint64_t wanted);

}  // namespace offloader::index
