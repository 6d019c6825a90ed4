#include "measures.h"

#include "filter_conditions.h"
#include "filter_values.h"

namespace offloader::query {

catalog::SizedType result_type(const Projection& projection) {
  if (projection.expression) return projection.expression->type;
  if (projection.bucket && !projection.bucket->instants) return catalog::ColumnType::date;
  if (!projection.aggregate) return projection.type;
  return catalog::row_of(*projection.aggregate).result(projection.type);
}

Measure measure_of(const catalog::Measure& measure, const catalog::Dataset& dataset,
                   const ZonedColumn& zoned) {
  Measure out;
  out.rows = measure.rows;
  out.quantile = measure.quantile;
  out.discrete = measure.discrete;
  out.by = measure.by;
  const TypeOf type_of = [&](std::size_t column) { return dataset.schema[column].type; };
  const ConstantValues constants(measure.where, type_of, zoned.column);
  Plan values;
  for (std::size_t i = 0; i < measure.where.size(); ++i) {
    const catalog::Filter& filter = measure.where[i];
    const catalog::SizedType type = type_of(filter.column);
    const bool in_zone = filter.column == zoned.column && names_day(filter.constant_type, type);
    const std::string zone = in_zone ? zoned.zone : "";
    const FilterTests tests = tests_for(filter, filter.constant_type, type, in_zone);
    out.where.push_back({filter.column, type, tests.first, 0, zone});
    if (tests.second) out.where.push_back({filter.column, type, *tests.second, 0, zone});
    constants.add(values, i);
  }
  out.values = std::move(values.values);
  out.lists = std::move(values.lists);
  out.never = values.never;
  return out;
}

std::vector<catalog::Filter> group_filters(const catalog::Endpoint& endpoint) {
  std::vector<catalog::Filter> filters = endpoint.having;
  // An alternative of an `any` has these properties.
  for (catalog::Filter& filter : filters) filter.any = 1;
  return filters;
}

}  // namespace offloader::query
