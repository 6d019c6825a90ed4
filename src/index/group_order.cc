#include "group_order.h"

#include <algorithm>
#include <cmath>

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
  if (aggregate.kind() == Aggregate::count || aggregate.kind() == Aggregate::count_distinct) {
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
    const std::uint64_t key_a = aggregate.key(a);
    const std::uint64_t key_b = aggregate.key(b);
    compared = aggregate.floating() ? order_of(unify_zero(key_a), unify_zero(key_b)) : order_of(key_a, key_b);
  }
  return descending ? -compared : compared;
}

int compare_numbers(const GroupNumber& a, const GroupNumber& b, bool descending) {
  if (a.null || b.null) return order_of(a.null, b.null);
  // Only one of the members is used; in the other one both are 0.
  const int compared = a.exact == b.exact ? order_of(a.real, b.real) : order_of(a.exact, b.exact);
  return descending ? -compared : compared;
}

int compare(Groups& groups, const GroupOrder& key, std::uint32_t a, std::uint32_t b) {
  const Output& output = groups.outputs[key.projection];
  if (output.expression) {
    const std::vector<GroupNumber>& numbers = groups.expressions[*output.expression];
    return compare_numbers(numbers[a], numbers[b], key.descending);
  }
  if (output.aggregate) {
    return compare_aggregates(groups.aggregates[*output.aggregate], groups.of(a)[*output.aggregate],
                              groups.of(b)[*output.aggregate], key.descending);
  }
  return SortKey{output.column, key.descending}.compare(groups.first_rows[a], groups.first_rows[b]);
}

bool group_before(Groups& groups, std::uint32_t a, std::uint32_t b) {
  for (const GroupOrder& key : groups.keys) {
    const int compared = compare(groups, key, a, b);
    if (compared != 0) return compared < 0;
  }
  return false;
}

}  // namespace

void order_groups(Groups& groups, std::uint64_t wanted) {
  std::partial_sort(groups.order.begin(), groups.order.begin() + static_cast<std::ptrdiff_t>(wanted),
                    groups.order.end(),
                    [&](std::uint32_t a, std::uint32_t b) { return group_before(groups, a, b); });
}

}  // namespace offloader::index
