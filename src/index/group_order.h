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

// Whether group `a` comes before group `b` in the order of `keys`.
[[nodiscard]] bool group_before(Groups& groups, const std::vector<GroupOrder>& keys, std::uint32_t a,
                                std::uint32_t b);

// Fills `groups.order` with the numbers of all groups, in the order in which they were found.
void list_groups(Groups& groups);

// Sorts `groups.order` so that its first `wanted` numbers are the first groups by `groups.keys`, in that
// order. Requires: it has at least that many.
void order_groups(Groups& groups, std::uint64_t wanted);

}  // namespace offloader::index
