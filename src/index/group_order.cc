#include "group_order.h"

#include <algorithm>
#include <cmath>

#include "fill_groups.h"
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

// An added group has no values, and may have a count and a sum of 0 all the same.
bool has_zero(const Groups& groups, const ColumnAggregate& aggregate, std::uint32_t group) {
  return group >= groups.first_added && is_zero_filled(groups, aggregate.kind());
}

// Compares aggregates of which at least one is of an added group.
int compare_added(Groups& groups, std::size_t number, std::uint32_t a, std::uint32_t b, bool descending) {
  const ColumnAggregate& aggregate = groups.aggregates[number];
  const auto null_of = [&](std::uint32_t group) {
    if (group >= groups.first_added) return !has_zero(groups, aggregate, group);
    return is_null(aggregate, groups.of(group)[number]);
  };
  if (const bool null = null_of(a); null || null_of(b)) return order_of(null, null_of(b));
  // The sign of what is compared with 0.
  const auto sign_of = [&](std::uint32_t group) {
    if (group >= groups.first_added) return 0;
    const Accumulator& value = groups.of(group)[number];
    if (aggregate.kind() == Aggregate::count || aggregate.kind() == Aggregate::count_distinct)
      return value.count == 0 ? 0 : 1;
    if (aggregate.kind() == Aggregate::avg) return order_of(aggregate.average(value), 0.0);
    if (aggregate.floating()) return order_of(aggregate.floating_sum(value), 0.0);
    return order_of(aggregate.sum(value), Int128{0});
  };
  const int compared = order_of(sign_of(a), sign_of(b));
  return descending ? -compared : compared;
}

int compare_buckets(Groups& groups, std::uint32_t a, std::uint32_t b, bool descending) {
  const auto number_a = groups.number_of(a);
  const auto number_b = groups.number_of(b);
  if (!number_a || !number_b) return order_of(!number_a, !number_b);
  const int compared = order_of(*number_a, *number_b);
  return descending ? -compared : compared;
}

int compare_outputs(Groups& groups, const GroupOrder& key, std::uint32_t a, std::uint32_t b) {
  const Output& output = groups.outputs[key.projection];
  if (output.bucketed) return compare_buckets(groups, a, b, key.descending);
  if (output.expression) {
    const std::vector<GroupNumber>& numbers = groups.expressions[*output.expression];
    return compare_numbers(numbers[a], numbers[b], key.descending);
  }
  if (!output.aggregate)
    return SortKey{output.column, key.descending}.compare(groups.first_rows[a], groups.first_rows[b]);
  if (std::max(a, b) >= groups.first_added)
    return compare_added(groups, *output.aggregate, a, b, key.descending);
  return compare_aggregates(groups.aggregates[*output.aggregate], groups.of(a)[*output.aggregate],
                            groups.of(b)[*output.aggregate], key.descending);
}

}  // namespace

bool group_before(Groups& groups, const std::vector<GroupOrder>& keys, std::uint32_t a, std::uint32_t b) {
  for (const GroupOrder& key : keys) {
    const int compared = compare_outputs(groups, key, a, b);
    if (compared != 0) return compared < 0;
  }
  return false;
}

void order_groups(Groups& groups, std::uint64_t wanted) {
  std::partial_sort(
      groups.order.begin(), groups.order.begin() + static_cast<std::ptrdiff_t>(wanted), groups.order.end(),
      [&](std::uint32_t a, std::uint32_t b) { return group_before(groups, groups.keys, a, b); });
}

}  // namespace offloader::index
