#include "offloader/index/execute.h"

#include "execute_parts.h"

namespace offloader::index {

Result<void> check_plan(const query::Plan& plan, const Lookup& lookup) {
  const query::PlanShape& shape = *plan.shape;
  if (!lookup.supported)
    return fail(ErrorCode::internal, "internal error", "the index does not support this plan");
  if (shape.tenant_scoped &&
      (shape.conditions.empty() || plan.values.empty() || shape.conditions[0].any != 0 ||
       !shape.conditions[0].is(query::Comparison::eq))) {
    return fail(ErrorCode::internal, "internal error", "a tenant-scoped plan without its tenant");
  }
  for (const std::size_t column : plan.columns) {
    if (column >= shape.projections.size())
      return fail(ErrorCode::internal, "internal error", "projection out of range");
  }
  return {};
}

Result<rows::Written> execute(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                              rows::Writer& writer, const CancelFlag* cancel, const Limits& limits) {
  if (auto valid = check_plan(plan, lookup); !valid) return fail(std::move(valid.error()));
  return plan.shape->grouped() ? execute_groups(plan, reader, lookup, writer, cancel, limits)
                               : execute_page(plan, reader, lookup, writer, cancel, limits);
}

}  // namespace offloader::index
