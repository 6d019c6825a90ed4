#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/query/comparison.h"

// A query as a typed tree that knows no SQL (query-semantics.md). The shape is what the contract and the set
// of filters present fix; it is compiled once and shared. A plan is a shape with the values of one request.
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

// A value in the type of the column that it is compared with: bool for BOOLEAN, int64 for INTEGER and BIGINT,
// double for DOUBLE, string for VARCHAR. An integer past the column's range stays an int64 and simply
// compares.
using Value = std::variant<bool, std::int64_t, double, Date, Timestamp, std::string>;

struct Projection {
  std::string as;
  std::size_t column = 0;                                   // index into the dataset's schema
  catalog::ColumnType type = catalog::ColumnType::varchar;  // the column's
  std::optional<catalog::Aggregate> aggregate;
};

struct Condition {
  std::size_t column = 0;  // index into the dataset's schema
  catalog::ColumnType type = catalog::ColumnType::varchar;
  Comparison comparison = Comparison::eq;
};

struct OrderKey {
  std::size_t projection = 0;  // index into projections; a JSON one is ordered by its text
  bool descending = false;     // nulls are last both ways
};

struct PlanShape {
  std::uint64_t id = 0;  // distinct for distinct shapes of a process (a counter)
  std::string endpoint;  // for logs
  std::string dataset;
  catalog::Schema schema;                       // the dataset contract's columns
  bool tenant_scoped = false;                   // then conditions[0] is the tenant's, an eq
  catalog::SharedList<Projection> projections;  // all of the endpoint's select, in response order
  std::vector<Condition> conditions;            // their values are Plan::values, by position
  bool aggregated = false;                      // some projection has an aggregate
  catalog::SharedList<std::size_t>
      group_by;  // indices into projections; empty and aggregated: exactly one row
  catalog::SharedList<OrderKey>
      order;  // complete: the contract's, then every remaining column (JSON ones last)
};

struct Plan {
  std::shared_ptr<const PlanShape> shape;
  std::vector<Value> values;  // one per condition
  bool never = false;         // an eq value that the column's type cannot hold: no row matches
  std::int64_t limit = 0;     // rows of the page, below 2^62; executors look for one more, to tell has_more
  std::int64_t offset = 0;    // at most 2^62
  std::vector<std::size_t> columns;  // projections to encode, in select order
};

}  // namespace offloader::query
