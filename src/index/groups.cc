#include "groups.h"

#include <algorithm>

namespace offloader::index {
namespace {

constexpr std::size_t kKeptGroups = 1 << 16;  // shrink() frees more than these

// Whether all groups have the same value of a column. Added buckets are others than those of the rows.
bool has_one_value(const Output& output, const Groups& groups, const Lookup& lookup) {
  return lookup.is_fixed(output.column) && !(output.bucketed && groups.fills);
}

}  // namespace

Groups& thread_groups() {
  thread_local Groups mine;
  return mine;
}

void resolve_groups(const query::PlanShape& shape, const Reader& reader, const Lookup& lookup,
                    Groups& groups) {
  groups.outputs.clear();
  groups.columns.clear();
  groups.aggregates.clear();
  groups.first_rows.clear();
  groups.accumulators.clear();
  groups.stored_runs.clear();
  groups.cut.reset();
  groups.cut_column = nullptr;
  groups.fills = shape.filled() != nullptr;
  groups.bucket_numbers.clear();
  groups.first_added = ~std::size_t{0};
  groups.expressions.clear();
  const auto counts_distinct = [](const query::Projection& projection) {
    return projection.aggregate == catalog::Aggregate::count_distinct;
  };
  // Aggregates point into the list, so it does not grow while they are made.
  groups.distinct.resize(static_cast<std::size_t>(
      std::count_if(shape.projections.begin(), shape.projections.end(), counts_distinct)));
  std::size_t next_distinct = 0;
  std::size_t next_where = 0;
  for (const query::Projection& projection : shape.projections) {
    Output output{.column = projection.reads_column() ? reader.column(projection.column) : nullptr,
                  .bucketed = projection.bucket.has_value()};
    if (projection.bucket) groups.cut = BucketCut::make(projection, *output.column);
    if (projection.expression) {
      output.expression = groups.expressions.size();
      groups.expressions.emplace_back();
    }
    if (projection.aggregate) {
      output.aggregate = groups.aggregates.size();
      ColumnAggregate::Source source{.kind = *projection.aggregate, .column = output.column};
      if (projection.measure.by) source.by = reader.column(*projection.measure.by);
      if (projection.measure.filters_rows()) source.where = &lookup.where[next_where++];
      if (counts_distinct(projection)) {
        source.distinct = &groups.distinct[next_distinct++];
        source.distinct->clear();
      }
      groups.aggregates.emplace_back(source, reader.rows());
    }
    groups.outputs.push_back(output);
  }
  bool values = false;
  for (const std::size_t projection : shape.group_by) {
    const Output& output = groups.outputs[projection];
    const Column* column = output.column;
    // Grouping by the values of a column groups by their buckets too.
    values = values || (groups.cut && column == &groups.cut->column() && !output.bucketed);
    const bool known =
        std::find(groups.columns.begin(), groups.columns.end(), column) != groups.columns.end();
    if (!known && !has_one_value(output, groups, lookup)) groups.columns.push_back(column);
  }
  if (groups.cut && !values) groups.cut_column = &groups.cut->column();
}

// Rows of the result differ in their group columns, so keys after the last of these cannot matter.
void resolve_group_order(const std::vector<query::OrderKey>& order, const Lookup& lookup,
                         const Groups& groups, std::vector<GroupOrder>& keys) {
  keys.clear();
  std::size_t named = 0;
  for (const query::OrderKey& key : order) {
    if (named == groups.columns.size()) break;
    const Output& output = groups.outputs[key.projection];
    if (!output.of_group()) {
      const bool known = std::any_of(keys.begin(), keys.end(), [&](const GroupOrder& earlier) {
        const Output& other = groups.outputs[earlier.projection];
        return !other.of_group() && other.column == output.column && (!other.bucketed || output.bucketed);
      });
      if (known || has_one_value(output, groups, lookup)) continue;
      // A bucket does not tell the values in it apart.
      if (!output.bucketed || groups.cut_column != nullptr) ++named;
    }
    keys.push_back({key.projection, key.descending});
  }
}

bool overflow(const Groups& groups) {
  return std::any_of(groups.aggregates.begin(), groups.aggregates.end(),
                     [](const ColumnAggregate& each) { return each.overflows(); });
}

void shrink(Groups& groups) {
  if (groups.first_rows.capacity() > kKeptGroups) groups = Groups{};
}

}  // namespace offloader::index
