#include <algorithm>
#include <numeric>

#include "execute_parts.h"
#include "group_expression.h"
#include "group_filter.h"
#include "group_order.h"
#include "group_output.h"
#include "group_runs.h"
#include "group_scan.h"
#include "order.h"

namespace offloader::index {

Result<rows::Written> execute_groups(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                                     rows::Writer& writer, const CancelFlag* cancel, const Limits& limits) {
  const query::PlanShape& shape = *plan.shape;
  Groups& groups = thread_groups();
  resolve_groups(shape, reader, lookup, groups);
  const RunDirectory* const by_runs = grouped_by_runs(groups, reader, lookup);
  if (!lookup.filters_rows()) fetch_ahead(groups, lookup, by_runs != nullptr);
  resolve_group_order(shape, lookup, groups);
  const PageBounds page(plan);
  Found found = Found::complete;
  bool ordered = groups.columns.empty();
  const auto run_columns = !lookup.filters_rows() ? grouped_in_storage(groups, reader, lookup) : std::nullopt;
  if (run_columns) {
    ordered = ordered || ordered_in_storage(groups, reader, lookup);
    const bool forward = !ordered || groups.keys.empty() || !groups.keys[0].descending;
    // A condition on groups may drop any of them.
    const std::uint64_t wanted = ordered && shape.having.empty() ? page.wanted() : ~0ULL;
    found = by_runs != nullptr
                ? take_runs(groups, *by_runs, lookup, forward, wanted, cancel, limits.groups)
                : walk_runs(groups, *run_columns, lookup, forward, wanted, cancel, limits.groups);
  } else {
    found = scan_groups(groups, lookup, cancel, limits.groups);
  }
  if (found == Found::cancelled) return fail(ErrorCode::cancelled, "cancelled");
  if (found == Found::too_many) return fail(ErrorCode::too_large, "too many groups");
  if (shape.group_by.empty() && groups.size() == 0) groups.add(0);
  if (auto computed = compute_expressions(shape, groups); !computed) return fail(std::move(computed.error()));
  groups.order.resize(groups.size());
  std::iota(groups.order.begin(), groups.order.end(), 0U);
  if (!shape.having.empty()) {
    const GroupFilter filter(plan, groups);
    if (!filter.valid())
      return fail(ErrorCode::internal, "internal error",
                  "a condition on groups with a value of another type");
    std::erase_if(groups.order, [&](std::uint32_t group) { return !filter.holds(group); });
  }
  const std::uint64_t total = groups.order.size();
  const std::uint64_t last = std::min<std::uint64_t>(page.last, total);
  if (!ordered) order_groups(groups, last);
  const std::uint64_t first = std::min(page.first, last);
  const auto written = write_groups(plan, groups, by_runs,
                                    std::span(groups.order).subspan(first, last - first), writer, cancel);
  rows::Written counted;
  counted.rows = static_cast<std::int64_t>(last - first);
  counted.has_more = total > page.last;
  shrink(groups);
  if (!written) return fail(written.error());
  return counted;
}

}  // namespace offloader::index
