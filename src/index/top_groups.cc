#include "top_groups.h"

#include <algorithm>

#include "group_order.h"

namespace offloader::index {

void keep_top_groups(const query::TopRows& top, const Lookup& lookup, Groups& groups) {
  std::vector<query::OrderKey> order;
  for (const std::size_t projection : top.per) order.push_back({projection, false});
  order.insert(order.end(), top.order.begin(), top.order.end());
  std::vector<GroupOrder> keys;
  resolve_group_order(order, lookup, groups, keys);
  std::sort(groups.order.begin(), groups.order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return group_before(groups, keys, a, b); });
  const auto alike = [&](std::uint32_t a, std::uint32_t b) {
    return std::all_of(top.per.begin(), top.per.end(), [&](std::size_t projection) {
      if (groups.outputs[projection].bucketed) return groups.number_of(a) == groups.number_of(b);
      const Column& column = *groups.outputs[projection].column;
      return column.order_key(groups.first_rows[a]) == column.order_key(groups.first_rows[b]);
    });
  };
  const auto limit = static_cast<std::uint64_t>(top.limit);
  std::size_t kept = 0;
  std::uint64_t taken = 0;
  std::uint32_t before = 0;  // the group that was looked at last
  for (std::size_t i = 0; i < groups.order.size(); ++i) {
    const std::uint32_t group = groups.order[i];
    taken = i > 0 && alike(before, group) ? taken + 1 : 1;
    before = group;
    if (taken <= limit) groups.order[kept++] = group;
  }
  groups.order.resize(kept);
}

}  // namespace offloader::index
