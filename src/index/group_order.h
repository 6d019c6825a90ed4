#pragma once

#include <cmath>

#include "groups.h"

namespace offloader::index {

// Whether an aggregate's result is null: it has no values (a count is then 0, not null), the value of the
// first or last row is null, or it is a floating sum or average that is not finite, which JSON cannot
// express.
[[nodiscard]] inline bool is_null(const ColumnAggregate& aggregate, const Accumulator& from) {
  using catalog::Aggregate;
  switch (aggregate.kind()) {
    case Aggregate::count:
    case Aggregate::count_distinct:
      return false;
    case Aggregate::sum:
      return from.count == 0 || (aggregate.floating() && !std::isfinite(aggregate.floating_sum(from)));
    case Aggregate::avg:
      return from.count == 0 || (aggregate.floating() && !std::isfinite(aggregate.average(from)));
    case Aggregate::first:
    case Aggregate::last:
      return from.count == 0 || aggregate.column().is_null(aggregate.key(from));
    default:
      return from.count == 0;
  }
}

// Whether group `a` comes before group `b` in the order of `keys`.
[[nodiscard]] bool group_before(Groups& groups, const std::vector<GroupOrder>& keys, std::uint32_t a,
                                std::uint32_t b);

// Sorts `groups.order` so that its first `wanted` numbers are the first groups by `groups.keys`, in that
// order. Requires: it has at least that many.
void order_groups(Groups& groups, std::uint64_t wanted);

}  // namespace offloader::index
