#include "shape.h"

#include <atomic>

#include "typed_value.h"

namespace offloader::query {
namespace {

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool is_json(const Projection& projection) {
  return projection.type == catalog::ColumnType::json && !projection.aggregate;
}

// The contract's order, then every other column, so that rows with equal keys always come in the same order.
// JSON columns come last, because they can only be ordered by their text.
std::vector<OrderKey> complete_order(const catalog::Endpoint& endpoint,
                                     const std::vector<Projection>& projections) {
  std::vector<OrderKey> order;
  std::vector<bool> ordered(projections.size(), false);
  for (const catalog::OrderBy& key : endpoint.order_by) {
    if (ordered[key.select]) continue;
    ordered[key.select] = true;
    order.push_back({key.select, key.descending});
  }
  for (const bool json : {false, true}) {
    for (std::size_t i = 0; i < projections.size(); ++i) {
      if (!ordered[i] && is_json(projections[i]) == json) order.push_back({i, false});
    }
  }
  return order;
}

}  // namespace

PlanShape common_shape(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset) {
  PlanShape shape;
  shape.endpoint = endpoint.name;
  shape.dataset = dataset.id;
  shape.schema = dataset.schema;
  shape.tenant_scoped = dataset.tenant_column.has_value();
  std::vector<Projection> projections;
  projections.reserve(endpoint.select.size());
  for (const catalog::Select& select : endpoint.select) {
    projections.push_back({select.as, select.column, dataset.schema[select.column].type, select.aggregate});
    if (select.aggregate) shape.aggregated = true;
  }
  shape.order = complete_order(endpoint, projections);
  shape.projections = std::move(projections);
  shape.group_by = endpoint.group_by;
  return shape;
}

std::shared_ptr<const PlanShape> make_shape(const PlanShape& common, const catalog::Endpoint& endpoint,
                                            const catalog::Dataset& dataset,
                                            const std::function<bool(std::size_t)>& present) {
  std::vector<Condition> conditions;
  if (dataset.tenant_column) {
    const std::size_t column = *dataset.tenant_column;
    conditions.push_back({column, dataset.schema[column].type, Comparison::eq});
  }
  for (const catalog::Filter& filter : endpoint.filters) {
    if (!present(filter.param)) continue;
    const catalog::SizedType type = dataset.schema[filter.column].type;
    const Comparisons comparisons = comparisons_for(endpoint.params[filter.param].type, type, filter.op);
    conditions.push_back({filter.column, type, comparisons.first});
    if (comparisons.second) conditions.push_back({filter.column, type, *comparisons.second});
  }
  auto shape = std::make_shared<PlanShape>(common);
  shape->id = next_id();
  conditions.shrink_to_fit();
  shape->conditions = std::move(conditions);
  return shape;
}

}  // namespace offloader::query
