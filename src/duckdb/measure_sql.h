#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "duckdb_handle.h"
#include "offloader/query/plan.h"

// Aggregates and expressions of aggregates as SQL. The text contains only identifiers and constants of the
// contract, and numbers of params.
namespace offloader::duckdb {

// The types in which the snapshot stores the contract's columns, which may be wider than declared.
using StoredTypes = std::span<const catalog::SizedType>;

// Returns the value of a projection that is not an expression. The conditions on its rows have the params
// from $`next` on; sets `next` to the number after the last one. `exact`: a sum of integers is a DECIMAL of
// 38 digits, and not a HUGEINT, which other types are not compared with exactly.
[[nodiscard]] std::string value_sql(const query::Projection& projection, const query::PlanShape& shape,
                                    StoredTypes types, bool exact, std::size_t& next);

// Returns the type of the values of value_sql(…, true, …) or expression_sql().
[[nodiscard]] catalog::SizedType value_type(const query::Projection& projection,
                                            const query::PlanShape& shape, StoredTypes types);

// Returns an expression over the columns of a subquery, which have the names of the projections and the
// values of value_sql(…, true, …).
[[nodiscard]] std::string expression_sql(const catalog::Expression& expression, const query::PlanShape& shape,
                                         StoredTypes types);

// Binds the params of value_sql() for all projections, from `at` on. Returns the number of the next param, or
// 0 if DuckDB rejects a value.
[[nodiscard]] idx_t bind_measures(duckdb_prepared_statement statement, const query::PlanShape& shape,
                                  StoredTypes types, idx_t at);

}  // namespace offloader::duckdb
