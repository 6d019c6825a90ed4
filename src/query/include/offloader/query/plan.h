#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/query/bucket.h"
#include "offloader/query/condition.h"
#include "offloader/query/measure.h"
#include "offloader/query/seek.h"

// A query as a typed tree, independent of SQL (query-semantics.md). A shape is determined by the contract and
// the set of filters present, and by what the caller chose; it is built once and shared. A plan is a shape
// with the values of one request. Immutable.
namespace offloader::query {

struct Projection {
  std::string as;
  std::size_t column = 0;  // index into the dataset's schema; 0 if reads_column() is false
  catalog::SizedType type = catalog::ColumnType::varchar;  // the column's; or of the result
  std::optional<catalog::Aggregate> aggregate{};
  Measure measure{};  // of an aggregate
  // Computed from aggregates, by their index in projections.
  std::optional<catalog::Expression> expression{};
  bool as_text = false;            // JSON has a string for the number
  std::optional<Bucket> bucket{};  // of a plain column

  // False for the count of rows and for an expression.
  [[nodiscard]] bool reads_column() const { return !measure.rows && !expression; }
  // Whether it is computed from the rows of a group.
  [[nodiscard]] bool of_group() const { return aggregate || expression; }
};

// Returns the type of a projection's values. Pure.
[[nodiscard]] catalog::SizedType result_type(const Projection& projection);

struct OrderKey {
  std::size_t projection = 0;  // index into projections; a JSON column is ordered by its text
  bool descending = false;     // nulls come last in both directions
};

// Keeps the first `limit` rows of each group of rows alike in `per`. Comes after grouping and before paging.
struct TopRows {
  catalog::SharedList<std::size_t>
      per;  // indices into projections, of plain columns; if empty, all rows are one group
  catalog::SharedList<OrderKey> order;  // a total order, like PlanShape::order
  std::int64_t limit = 1;
};

struct PlanShape {
  std::uint64_t id = 0;  // unique within the process (a counter)
  std::string endpoint;  // for logs
  std::string dataset;
  catalog::Schema schema;      // the columns of the dataset's contract
  bool tenant_scoped = false;  // conditions[0] is then the tenant's, an eq on its own
  // The endpoint's whole select, in response order; without the group columns that the caller did not choose.
  catalog::SharedList<Projection> projections;
  std::vector<Condition> conditions;  // condition i compares with Plan::values[i]
  bool aggregated = false;            // some projection has an aggregate
  catalog::SharedList<std::size_t>
      group_by;  // indices into projections; if empty and aggregated, the answer has exactly one row
  catalog::SharedList<OrderKey>
      order;  // a total order: the contract's, then every remaining column (JSON ones last)
  std::optional<TopRows> top{};
  // Of an endpoint that lets the caller choose grouping or order: what was chosen, as append_canonical()
  // writes it. Else empty.
  std::string choices{};
  std::optional<std::size_t> bucketed{};  // the projection that has a bucket
  // The zone whose days conditions compare, including those of measures; empty if none compares days, or all
  // do in UTC. It is the zone of the bucket, whether or not the answer has the bucket.
  std::string zone{};
  // Conditions on groups: `column` is an index into projections, and `type` that projection's result_type().
  // Condition i compares with Plan::having_values[i].
  std::vector<Condition> having{};

  // Whether a row of the answer is a group of rows.
  [[nodiscard]] bool grouped() const { return aggregated || !group_by.empty(); }
  // The bucket, if missing ones are to be added; else null.
  [[nodiscard]] const Bucket* filled() const {
    if (!bucketed) return nullptr;
    const Bucket& bucket = *projections[*bucketed].bucket;
    return bucket.fills() ? &bucket : nullptr;
  }
};

struct Plan {
  std::shared_ptr<const PlanShape> shape;
  std::vector<Value> values;       // one per condition; of one that is Among a placeholder
  std::vector<ValueList> lists{};  // one per condition that is Among, in their order
  bool never = false;              // a value is outside the column's type: no row matches
  bool depends_on_today =
      false;                // a default of `today` applied: tomorrow the same request means another plan
  std::int64_t limit = 0;   // rows of the page, below 2^62; executors look for one more to determine has_more
  std::int64_t offset = 0;  // at most 2^62
  std::vector<std::size_t> columns;  // projections to encode, in select order
  bool total_rows = false;           // also count the rows of the whole answer, all pages
  // The grand total was asked for: this shape has the same conditions, so the same values belong to it, and
  // only aggregates. `total_columns` are its projections to encode. Else null.
  std::shared_ptr<const PlanShape> totals{};
  std::vector<std::size_t> total_columns{};
  AxisBounds axis{};  // only if the shape's bucket fills
  // Of the shape's `having`, as `values` and `lists` are of its conditions.
  std::vector<Value> having_values{};
  std::vector<ValueList> having_lists{};
  std::optional<Seek> after{};  // begins the page instead of `offset`, which is then 0
  bool wants_end = false;       // executors also return where the page ends, if there are more rows

  [[nodiscard]] BoundConditions filters() const { return {shape->conditions, values, lists, never}; }
  [[nodiscard]] BoundConditions group_filters() const { return {shape->having, having_values, having_lists}; }
};

// Returns the plan of the grand total: one row. Requires: plan.totals is set.
[[nodiscard]] Plan plan_of_totals(const Plan& plan);

}  // namespace offloader::query
