#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "offloader/base/decimal.h"
#include "offloader/base/uuid.h"
#include "offloader/catalog/catalog.h"
#include "offloader/query/comparison.h"

// A query as a typed tree, independent of SQL (query-semantics.md). A shape is determined by the contract and
// the set of filters present; it is built once and shared. A plan is a shape with the values of one request.
// Immutable.
namespace offloader::query {

struct Date {
  std::int32_t days = 0;  // since 1970-01-01
  friend auto operator<=>(const Date&, const Date&) = default;
};

struct Timestamp {
  std::int64_t micros = 0;  // since 1970-01-01T00:00:00Z
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// A value of a DECIMAL column.
struct Decimal {
  Int128 unscaled = 0;
  std::uint8_t scale = 0;  // the column's
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

// A value in the type of the column it is compared with: bool for BOOLEAN, int64 for INTEGER and BIGINT,
// double for DOUBLE, Timestamp for TIMESTAMP and TIMESTAMPTZ, string for VARCHAR. An integer outside an
// INTEGER column's range stays an int64 and is compared as such.
using Value = std::variant<bool, std::int64_t, double, Date, Timestamp, std::string, Decimal, Uuid>;

struct Projection {
  std::string as;
  std::size_t column = 0;                                  // index into the dataset's schema
  catalog::SizedType type = catalog::ColumnType::varchar;  // the column's type
  std::optional<catalog::Aggregate> aggregate;
};

struct Condition {
  std::size_t column = 0;  // index into the dataset's schema
  catalog::SizedType type = catalog::ColumnType::varchar;
  Comparison comparison = Comparison::eq;
};

struct OrderKey {
  std::size_t projection = 0;  // index into projections; a JSON column is ordered by its text
  bool descending = false;     // nulls come last in both directions
};

struct PlanShape {
  std::uint64_t id = 0;  // unique within the process (a counter)
  std::string endpoint;  // for logs
  std::string dataset;
  catalog::Schema schema;                       // the columns of the dataset's contract
  bool tenant_scoped = false;                   // conditions[0] is then the tenant's, an eq
  catalog::SharedList<Projection> projections;  // the endpoint's whole select, in response order
  std::vector<Condition> conditions;            // condition i compares with Plan::values[i]
  bool aggregated = false;                      // some projection has an aggregate
  catalog::SharedList<std::size_t>
      group_by;  // indices into projections; if empty and aggregated, the answer has exactly one row
  catalog::SharedList<OrderKey>
      order;  // a total order: the contract's, then every remaining column (JSON ones last)
};

struct Plan {
  std::shared_ptr<const PlanShape> shape;
  std::vector<Value> values;  // one per condition
  bool never = false;         // an eq value is outside the column's type: no row matches
  std::int64_t limit = 0;   // rows of the page, below 2^62; executors look for one more to determine has_more
  std::int64_t offset = 0;  // at most 2^62
  std::vector<std::size_t> columns;  // projections to encode, in select order
};

}  // namespace offloader::query
