#include "shape.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "bucket_choice.h"
#include "canonical_writer.h"
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

// Where the selects are among the projections of a shape; nullopt: the caller did not choose that one.
using Places = std::vector<std::optional<std::size_t>>;

// The projections in the order in which they break ties: that of the select, but if the caller chooses the
// group columns, these follow each other as they were chosen.
std::vector<std::size_t> tie_breaks(const PlanShape& shape, bool chosen) {
  std::vector<std::size_t> out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < shape.projections.size(); ++i) {
    const bool plain = !shape.projections[i].of_group();
    out.push_back(chosen && plain ? shape.group_by[next++] : i);
  }
  return out;
}

// The caller's order or the contract's, then every other column, so that rows with equal keys always come in
// the same order. JSON columns come last, because they can only be ordered by their text.
std::vector<OrderKey> complete_order(const std::vector<catalog::OrderBy>& first, const Places& places,
                                     const PlanShape& shape, const std::vector<std::size_t>& ties) {
  std::vector<OrderKey> order;
  std::vector<bool> ordered(shape.projections.size(), false);
  for (const catalog::OrderBy& key : first) {
    const auto place = places[key.select];
    if (!place || ordered[*place]) continue;
    ordered[*place] = true;
    order.push_back({*place, key.descending});
  }
  for (const bool json : {false, true}) {
    for (const std::size_t i : ties) {
      if (!ordered[i] && is_json(shape.projections[i]) == json) order.push_back({i, false});
    }
  }
  return order;
}

TopRows top_rows(const catalog::Top& top, const Places& places, const PlanShape& shape) {
  TopRows out;
  for (const std::size_t select : top.per) {
    if (places[select]) out.per.push_back(*places[select]);
  }
  // The catalog has checked that every answer has the column.
  out.order.push_back({*places[top.by], true});
  for (const OrderKey& key : shape.order) {
    if (key.projection != *places[top.by]) out.order.push_back(key);
  }
  out.limit = top.limit;
  return out;
}

// Two choices with the same effect give the same text.
std::string canonical_choices(const catalog::Endpoint& endpoint, const Places& places,
                              const PlanShape& shape) {
  std::string out;
  if (!endpoint.group_choice && endpoint.sortable.empty()) return out;
  CanonicalWriter writer(out);
  for (const auto& place : places) writer.tag(place ? '1' : '0');
  for (const OrderKey& key : shape.order) {
    writer.number(key.projection);
    writer.tag(key.descending ? '1' : '0');
  }
  return out;
}

PlanShape empty_shape(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset) {
  PlanShape shape;
  shape.endpoint = endpoint.name;
  shape.dataset = dataset.id;
  shape.schema = dataset.schema;
  shape.tenant_scoped = dataset.tenant_column.has_value();
  return shape;
}

Projection project(const catalog::Select& select, const catalog::Dataset& dataset) {
  const bool reads = select.reads_column();
  Projection out{.as = select.as, .column = select.column};
  out.type = reads ? dataset.schema[select.column].type : catalog::result_type(select, dataset);
  out.aggregate = select.aggregate;
  out.expression = select.expression;
  out.as_text = select.as_text;
  return out;
}

// Lets expressions refer to projections instead of selects. The aggregates are in every choice.
void place_expressions(std::vector<Projection>& projections, const Places& places) {
  for (Projection& projection : projections) {
    if (!projection.expression) continue;
    for (catalog::ExpressionStep& step : projection.expression->steps) {
      if (step.kind == catalog::ExpressionStep::Kind::aggregate) step.select = *places[step.select];
    }
  }
}

// Returns all conditions on groups, those with optional params too.
std::vector<Condition> all_having(const catalog::Endpoint& endpoint, const Places& places,
                                  const PlanShape& shape) {
  std::vector<Condition> having;
  for (const catalog::Filter& filter : group_filters(endpoint)) {
    const std::size_t place = *places[filter.column];
    const catalog::SizedType type = result_type(shape.projections[place]);
    const catalog::ParamType compared =
        filter.has_param() ? endpoint.params[filter.param].type : filter.constant_type;
    having.push_back({place, type, tests_for(filter, compared, type, false).first});
  }
  return having;
}

// Resolves what depends on the bucket: the bucket itself, and the days in the conditions of aggregates.
void apply_bucket(std::vector<Projection>& projections, const catalog::Endpoint& endpoint,
                  const catalog::Dataset& dataset, const std::optional<Bucket>& bucket) {
  const ZonedColumn zoned = zoned_column(endpoint, bucket);
  std::size_t next = 0;
  for (const catalog::Select& select : endpoint.select) {
    // Projections are in the order of the selects.
    if (next == projections.size() || projections[next].as != select.as) continue;
    Projection& projection = projections[next++];
    if (select.bucket) projection.bucket = bucket;
    if (select.aggregate) projection.measure = measure_of(select.measure, dataset, zoned);
  }
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

// Returns PlanShape::zone.
std::string zone_of_days(const PlanShape& shape) {
  const auto zone_in = [](const std::vector<Condition>& conditions) {
    const auto zoned = std::ranges::find_if(conditions, [](const auto& each) { return !each.zone.empty(); });
    return zoned == conditions.end() ? std::string() : zoned->zone;
  };
  std::string zone = zone_in(shape.conditions);
  for (const Projection& projection : shape.projections) {
    if (zone.empty()) zone = zone_in(projection.measure.where);
  }
  return zone;
}

}  // namespace

PlanShape common_shape(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                       const Choice& choice) {
  PlanShape shape = empty_shape(endpoint, dataset);
  std::vector<Projection> projections;
  projections.reserve(endpoint.select.size());
  Places places(endpoint.select.size());
  for (std::size_t i = 0; i < endpoint.select.size(); ++i) {
    if (!choice.has(i)) continue;
    places[i] = projections.size();
    projections.push_back(project(endpoint.select[i], dataset));
    if (projections.back().of_group()) shape.aggregated = true;
    if (endpoint.select[i].bucket) shape.bucketed = *places[i];
  }
  place_expressions(projections, places);
  apply_bucket(projections, endpoint, dataset, standard_bucket(endpoint));
  shape.projections = std::move(projections);
  shape.having = all_having(endpoint, places, shape);
  for (const std::size_t select : choice.group) shape.group_by.push_back(*places[select]);
  const auto ties = tie_breaks(shape, endpoint.group_choice.has_value());
  shape.order = complete_order(choice.sort.empty() ? endpoint.order_by : choice.sort, places, shape, ties);
  if (endpoint.top) shape.top = top_rows(*endpoint.top, places, shape);
  shape.choices = canonical_choices(endpoint, places, shape);
  return shape;
}

PlanShape totals_shape(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset) {
  PlanShape shape = empty_shape(endpoint, dataset);
  shape.aggregated = true;
  std::vector<Projection> projections;
  Places places(endpoint.select.size());
  for (std::size_t i = 0; i < endpoint.select.size(); ++i) {
    if (!endpoint.select[i].of_group()) continue;
    places[i] = projections.size();
    shape.order.push_back({projections.size(), false});
    projections.push_back(project(endpoint.select[i], dataset));
  }
  place_expressions(projections, places);
  apply_bucket(projections, endpoint, dataset, standard_bucket(endpoint));
  shape.projections = std::move(projections);
  return shape;
}

std::shared_ptr<const PlanShape> make_shape(const PlanShape& common, const catalog::Endpoint& endpoint,
                                            const catalog::Dataset& dataset,
                                            const std::function<bool(std::size_t)>& present,
                                            const std::optional<Bucket>& bucket) {
  const ZonedColumn zoned = zoned_column(endpoint, bucket);
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
    const std::string zone = filter.column == zoned.column && names_day(compared, type) ? zoned.zone : "";
    const FilterTests tests = tests_for(filter, compared, type, !zone.empty());
    conditions.push_back({filter.column, type, tests.first, filter.any, zone});
    if (tests.second) conditions.push_back({filter.column, type, *tests.second, filter.any, zone});
  }
  free_single_alternatives(conditions);
  auto shape = std::make_shared<PlanShape>(common);
  if (bucket != standard_bucket(endpoint)) {
    std::vector<Projection> projections(common.projections.begin(), common.projections.end());
    apply_bucket(projections, endpoint, dataset, bucket);
    shape->projections = std::move(projections);
  }
  shape->id = next_id();
  conditions.shrink_to_fit();
  shape->conditions = std::move(conditions);
  std::vector<Condition> having;
  for (std::size_t i = 0; i < shape->having.size(); ++i) {
    const catalog::Filter& filter = endpoint.having[i];
    if (!filter.has_param() || present(filter.param)) having.push_back(shape->having[i]);
  }
  shape->having = std::move(having);
  shape->zone = zone_of_days(*shape);
  return shape;
}

std::shared_ptr<const PlanShape> without_order(const PlanShape& shape) {
  auto out = std::make_shared<PlanShape>(shape);
  out->id = next_id();
  out->order = {};
  return out;
}

}  // namespace offloader::query
