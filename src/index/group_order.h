#pragma once

#include <cmath>

#include "groups.h"

namespace offloader::index {

// Whether an aggregate's result is null: it has no values (a count is then 0, not null), or it is a floating
// sum or average that is not finite, which JSON cannot express.
[[nodiscard]] inline bool is_null(const ColumnAggregate& aggregate, const Accumulator& from) {
  using catalog::Aggregate;
  if (from.count == 0) return aggregate.kind() != Aggregate::count;
  if (!aggregate.floating()) return false;
  if (aggregate.kind() == Aggregate::sum) return !std::isfinite(aggregate.floating_sum(from));
  return aggregate.kind() == Aggregate::avg && !std::isfinite(aggregate.average(from));
}

// Fills `groups.order` with the numbers of all groups. With `sort`, the first `wanted` of them are the first
// groups by `groups.keys`, in that order; without, groups stay in the order in which they were found.
// Requires: `wanted` is at most the number of groups.
void order_groups(Groups& groups, bool sort, std::uint64_t wanted);

}  // namespace offloader::index
