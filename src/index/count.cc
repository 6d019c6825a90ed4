#include "offloader/index/count.h"

#include "execute_parts.h"
#include "find_groups.h"
#include "group_filter.h"
#include "scan.h"
#include "top_rows.h"

namespace offloader::index {
namespace {

// Whether each row of the range is a row of the answer.
bool is_range(const query::PlanShape& shape, const Lookup& lookup) {
  return !shape.grouped() && !shape.top && !lookup.filters_rows();
}

// Whether the values of the aggregates decide which groups are in the answer.
bool depends_on_values(const query::PlanShape& shape) {
  return shape.top.has_value() || !shape.having.empty();
}

struct Counted {
  Found found = Found::complete;
  std::uint64_t rows = 0;
};

Result<Counted> count_groups(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                             const CancelFlag* cancel, const Limits& limits) {
  const query::PlanShape& shape = *plan.shape;
  Groups& groups = thread_groups();
  resolve_groups(shape, reader, lookup, groups);
  if (!depends_on_values(shape)) groups.aggregates.clear();
  Counted counted{find_groups(plan, reader, lookup, ~0ULL, cancel, limits, groups).found, groups.size()};
  if (counted.found == Found::complete && depends_on_values(shape)) {
    auto listed = list_groups(plan, lookup, groups);
    counted.rows = groups.order.size();
    if (!listed) return fail(std::move(listed.error()));
  }
  shrink(groups);
  return counted;
}

Counted count_page(const query::PlanShape& shape, const Reader& reader, const Lookup& lookup,
                   const CancelFlag* cancel, const Limits& limits) {
  if (is_range(shape, lookup)) return {Found::complete, lookup.end - lookup.begin};
  Counted counted;
  if (shape.top) {
    std::vector<std::uint32_t> rows;
    counted.found = find_top_rows(shape, reader, lookup, cancel, limits.candidates, rows);
    counted.rows = rows.size();
    return counted;
  }
  const bool finished = scan_rows(lookup, true, cancel, [&](std::span<const std::uint32_t> rows) {
    counted.rows += rows.size();
    return true;
  });
  if (!finished) counted.found = Found::cancelled;
  return counted;
}

}  // namespace

Cost count_cost(const query::Plan& plan, const Lookup& lookup) {
  return is_range(*plan.shape, lookup) ? Cost::immediate : lookup.cost;
}

Result<std::int64_t> count_rows(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                                const CancelFlag* cancel, const Limits& limits) {
  if (auto valid = check_plan(plan, lookup); !valid) return fail(std::move(valid.error()));
  const query::PlanShape& shape = *plan.shape;
  const Result<Counted> counted = shape.grouped() ? count_groups(plan, reader, lookup, cancel, limits)
                                                  : count_page(shape, reader, lookup, cancel, limits);
  if (!counted) return fail(counted.error());
  if (counted->found == Found::cancelled) return fail(ErrorCode::cancelled, "cancelled");
  if (counted->found == Found::too_many) return fail(ErrorCode::too_large, "too many rows to count");
  return static_cast<std::int64_t>(counted->rows);
}

}  // namespace offloader::index
