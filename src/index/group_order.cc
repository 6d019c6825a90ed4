#include "group_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "offloader/index/key.h"
#include "order.h"

namespace offloader::index {
namespace {

using catalog::Aggregate;

template <typename T>
int order_of(const T& a, const T& b) {
  return a == b ? 0 : (a < b ? -1 : 1);
}

int compare_aggregates(const ColumnAggregate& aggregate, const Accumulator& a, const Accumulator& b,
                       bool descending) {
  int compared = 0;
  if (aggregate.kind() == Aggregate::count) {
    compared = order_of(a.count, b.count);
  } else if (const bool null = is_null(aggregate, a); null || is_null(aggregate, b)) {
    return order_of(null, is_null(aggregate, b));  // nulls last in both directions
  } else if (aggregate.kind() == Aggregate::avg) {
    compared = order_of(unify_zero(key_of_double(aggregate.average(a))),
                        unify_zero(key_of_double(aggregate.average(b))));
  } else if (aggregate.kind() == Aggregate::sum && aggregate.floating()) {
    compared = order_of(unify_zero(key_of_double(aggregate.floating_sum(a))),
                        unify_zero(key_of_double(aggregate.floating_sum(b))));
  } else if (aggregate.kind() == Aggregate::sum) {
    compared = order_of(aggregate.sum(a), aggregate.sum(b));
  } else {
    compared = aggregate.floating() ? order_of(unify_zero(a.low), unify_zero(b.low)) : order_of(a.low, b.low);
  }
  return descending ? -compared : compared;
}

}  // namespace

bool group_before(Groups& groups, const std::vector<GroupOrder>& keys, std::uint32_t a, std::uint32_t b) {
  for (const GroupOrder& key : keys) {
    const Output& output = groups.outputs[key.projection];
    const int compared =
        output.aggregate
            ? compare_aggregates(groups.aggregates[*output.aggregate], groups.of(a)[*output.aggregate],
                                 groups.of(b)[*output.aggregate], key.descending)
            : SortKey{output.column, key.descending}.compare(groups.first_rows[a], groups.first_rows[b]);
    if (compared != 0) return compared < 0;
  }
  return false;
}

void list_groups(Groups& groups) {
  groups.order.resize(groups.size());
  std::iota(groups.order.begin(), groups.order.end(), 0U);
}

void order_groups(Groups& groups, std::uint64_t wanted) {
  std::partial_sort(
      groups.order.begin(), groups.order.begin() + static_cast<std::ptrdiff_t>(wanted), groups.order.end(),
      [&](std::uint32_t a, std::uint32_t b) { return group_before(groups, groups.keys, a, b); });
}

}  // namespace offloader::index
