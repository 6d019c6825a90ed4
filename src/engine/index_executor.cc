#include "index_executor.h"

namespace offloader::engine {

Result<Answered> execute(const query::Plan& plan, const IndexReader& reader, const IndexLookup& lookup,
                         rows::Writer& writer, const CancelFlag* cancel, const IndexLimits& limits) {
  const auto start = std::chrono::steady_clock::now();
  const query::PlanShape& shape = *plan.shape;
  if (!lookup.supported)
    return fail(ErrorCode::internal, "internal error", "the index does not support this plan");
  if (shape.tenant_scoped && (shape.conditions.empty() || plan.values.empty() ||
                              shape.conditions[0].comparison != query::Comparison::eq)) {
    return fail(ErrorCode::internal, "internal error", "a tenant-scoped plan without its tenant");
  }
  for (const std::size_t column : plan.columns) {
    if (column >= shape.projections.size())
      return fail(ErrorCode::internal, "internal error", "projection out of range");
  }
  const bool grouped = shape.aggregated || !shape.group_by.empty();
  auto answered = grouped ? execute_groups(plan, reader, lookup, writer, cancel, limits)
                          : execute_page(plan, reader, lookup, writer, cancel, limits);
  if (!answered) return answered;
  answered->executor = Executor::index;
  answered->duration = std::chrono::steady_clock::now() - start;
  return answered;
}

}  // namespace offloader::engine
