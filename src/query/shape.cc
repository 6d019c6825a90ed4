#include "shape.h"

#include <atomic>

#include "filter_conditions.h"
#include "measures.h"

namespace offloader::query {
namespace {

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool is_json(const Projection& projection) {
  return projection.type == catalog::ColumnType::json && !projection.of_group();
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

// Of an `any` of which one alternative applies, that one must hold.
void free_single_alternatives(std::vector<Condition>& conditions) {
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const auto is_other = [&](std::size_t k) {
      return k >= conditions.size() || conditions[k].any != conditions[i].any;
    };
    // At 0, i - 1 wraps around to an index past the end.
    if (is_other(i - 1) && is_other(i + 1)) conditions[i].any = 0;
  }
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
    Projection projection{select.as, select.column, dataset.schema[select.column].type, select.aggregate};
    if (!select.reads_column()) projection.type = catalog::result_type(select, dataset);
    projection.measure = measure_of(select.measure, dataset);
    projection.expression = select.expression;
    projection.as_text = select.as_text;
    if (projection.of_group()) shape.aggregated = true;
    projections.push_back(std::move(projection));
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
    conditions.push_back({column, dataset.schema[column].type, Compare(Comparison::eq)});
  }
  for (const catalog::Filter& filter : endpoint.filters) {
    if (filter.has_param() && !present(filter.param)) continue;
    const catalog::SizedType type = dataset.schema[filter.column].type;
    const catalog::ParamType compared =
        filter.has_param() ? endpoint.params[filter.param].type : filter.constant_type;
    const FilterTests tests = tests_for(filter, compared, type);
    conditions.push_back({filter.column, type, tests.first, filter.any});
    if (tests.second) conditions.push_back({filter.column, type, *tests.second, filter.any});
  }
  free_single_alternatives(conditions);
  auto shape = std::make_shared<PlanShape>(common);
  shape->id = next_id();
  conditions.shrink_to_fit();
  shape->conditions = std::move(conditions);
  for (const catalog::Filter& filter : group_filters(endpoint)) {
    if (filter.has_param() && !present(filter.param)) continue;
    const catalog::SizedType type = result_type(shape->projections[filter.column]);
    const catalog::ParamType compared =
        filter.has_param() ? endpoint.params[filter.param].type : filter.constant_type;
    shape->having.push_back({filter.column, type, tests_for(filter, compared, type).first});
  }
  return shape;
}

}  // namespace offloader::query
