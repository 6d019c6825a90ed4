#include <algorithm>

#include "execute_parts.h"
#include "fill_groups.h"
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
  const query::Bucket* const filled = shape.filled();
  const auto run_columns = !lookup.filters_rows() ? grouped_in_storage(groups, reader, lookup) : std::nullopt;
  if (run_columns) {
    ordered = ordered || ordered_in_storage(groups, reader, lookup);
    const bool forward = !ordered || groups.keys.empty() || !groups.keys[0].descending;
    const std::uint64_t wanted = ordered && filled == nullptr ? page.wanted() : ~0ULL;
    const bool by_bucket = grouped_by_bucket(groups);
    found = by_bucket ? walk_buckets(groups, by_runs, lookup, forward, wanted, cancel, limits.groups)
            : by_runs != nullptr
                ? take_runs(groups, *by_runs, lookup, forward, wanted, cancel, limits.groups)
                : walk_runs(groups, *run_columns, lookup, forward, wanted, cancel, limits.groups);
  } else {
    found = scan_groups(groups, lookup, cancel, limits.groups);
  }
  if (found == Found::cancelled) return fail(ErrorCode::cancelled, "cancelled");
  if (found == Found::complete && filled != nullptr) {
    ordered = false;
    found = add_buckets(plan.axis, groups);
  }
  if (found == Found::too_many) return fail(ErrorCode::too_large, "too many groups");
  if (shape.group_by.empty() && groups.size() == 0) groups.add(0);
  const std::uint64_t last = std::min<std::uint64_t>(page.last, groups.size());
  order_groups(groups, !ordered, last);
  const std::uint64_t first = std::min(page.first, last);
  const auto written = write_groups(plan, groups, by_runs,
                                    std::span(groups.order).subspan(first, last - first), writer, cancel);
  rows::Written counted;
  counted.rows = static_cast<std::int64_t>(last - first);
  counted.has_more = groups.size() > page.last;
  shrink(groups);
  if (!written) return fail(written.error());
  return counted;
}

}  // namespace offloader::index
