#include <algorithm>

#include "execute_parts.h"
#include "find_groups.h"
#include "group_filter.h"
#include "group_order.h"
#include "group_output.h"
#include "offloader/rows/page_end.h"
#include "order.h"

namespace offloader::index {

Result<rows::Written> execute_groups(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                                     rows::Writer& writer, const CancelFlag* cancel, const Limits& limits) {
  const query::PlanShape& shape = *plan.shape;
  if (plan.after) return fail(ErrorCode::too_large, "the index does not find groups by their keys");
  Groups& groups = thread_groups();
  resolve_groups(shape, reader, lookup, groups);
  const PageBounds page(plan);
  // A top and conditions on groups may drop any of them.
  const bool all = shape.top || !shape.having.empty();
  const FoundGroups found =
      find_groups(plan, reader, lookup, all ? ~0ULL : page.wanted(), cancel, limits, groups);
  if (found.found == Found::cancelled) return fail(ErrorCode::cancelled, "cancelled");
  if (found.found == Found::too_many) return fail(ErrorCode::too_large, "too many groups");
  if (auto listed = list_groups(plan, lookup, groups); !listed) return fail(std::move(listed.error()));
  const std::uint64_t total = groups.order.size();
  const std::uint64_t last = std::min<std::uint64_t>(page.last, total);
  if (!found.ordered || shape.top) order_groups(groups, last);
  const std::uint64_t first = std::min(page.first, last);
  const auto shown = std::span(groups.order).subspan(first, last - first);
  const auto written = write_groups(plan, groups, found.by_runs, shown, writer, cancel);
  rows::Written counted;
  counted.rows = static_cast<std::int64_t>(last - first);
  counted.has_more = total > page.last;
  if (written && plan.wants_end && counted.has_more) {
    rows::PageEndWriter end;
    if (auto read = write_groups(rows::plan_of_keys(plan), groups, found.by_runs, shown, end, cancel); !read)
      return fail(std::move(read.error()));
    counted.end = end.take_end();
  }
  shrink(groups);
  if (!written) return fail(written.error());
  return counted;
}

}  // namespace offloader::index
