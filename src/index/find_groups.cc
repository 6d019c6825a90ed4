#include "find_groups.h"

#include "fill_groups.h"
#include "group_runs.h"
#include "group_scan.h"

namespace offloader::index {

FoundGroups find_groups(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                        std::uint64_t wanted, const CancelFlag* cancel, const Limits& limits,
                        Groups& groups) {
  const query::PlanShape& shape = *plan.shape;
  const bool fills = shape.filled() != nullptr;
  FoundGroups out;
  out.by_runs = grouped_by_runs(groups, reader, lookup);
  if (!lookup.filters_rows()) fetch_ahead(groups, lookup, out.by_runs != nullptr);
  resolve_group_order(shape.order, lookup, groups, groups.keys);
  out.ordered = groups.columns.empty();
  const auto run_columns = grouped_in_storage(groups, reader, lookup);
  if (run_columns && !lookup.filters_rows()) {
    out.ordered = out.ordered || ordered_in_storage(groups, reader, lookup);
    const bool forward = !out.ordered || groups.keys.empty() || !groups.keys[0].descending;
    const std::uint64_t first = out.ordered && !fills ? wanted : ~0ULL;
    out.found = grouped_by_bucket(groups)
                    ? walk_buckets(groups, out.by_runs, lookup, forward, first, cancel, limits.groups)
                : out.by_runs != nullptr
                    ? take_runs(groups, *out.by_runs, lookup, forward, first, cancel, limits.groups)
                    : walk_runs(groups, *run_columns, lookup, forward, first, cancel, limits.groups);
  } else {
    const bool in_runs = run_columns && groups.cut_column == nullptr;
    // The groups are found in the order of the rows, which are read forward.
    if (in_runs && !groups.keys.empty() && !groups.keys[0].descending)
      out.ordered = ordered_in_storage(groups, reader, lookup);
    out.found = scan_groups(groups, lookup, in_runs, cancel, limits.groups);
  }
  if (out.found == Found::complete && fills) {
    out.ordered = false;
    out.found = add_buckets(plan.axis, groups);
  }
  if (out.found == Found::complete && shape.group_by.empty() && groups.size() == 0) groups.add(0);
  return out;
}

}  // namespace offloader::index
