#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "duckdb_handle.h"
#include "measure_sql.h"
#include "offloader/duckdb/plan_statement.h"
#include "offloader/query/plan.h"

// The begin of a page after a row, as SQL and bound values.
namespace offloader::duckdb {

// Returns a column of the rows as SQL. Its argument is an index into the shape's projections.
using ColumnOf = std::function<std::string(std::size_t projection)>;

// Returns the condition of the rows that do not come before the one whose first `keys` order keys are the
// params from $`first` on. Rows alike in them match.
[[nodiscard]] std::string from_row_sql(const query::PlanShape& shape, std::size_t keys,
                                       const ColumnOf& column_of, std::size_t first);

// Returns the condition of the rows alike in these keys.
[[nodiscard]] std::string alike_sql(const query::PlanShape& shape, std::size_t keys,
                                    const ColumnOf& column_of, std::size_t first);

// Whether the condition can be part of the plan's own WHERE: the rows are those of the table.
[[nodiscard]] bool seeks_in_table(const query::PlanShape& shape);

// Returns the plan's seek with values of the types in which the snapshot has its keys. A value that a type
// does not have, which can only come from another snapshot, becomes the next one in the order, and the keys
// end with it. Requires: the plan has a seek.
[[nodiscard]] query::Seek fitted(const query::Plan& plan, StoredTypes types);

// Binds the keys of fitted() from `at` on. Returns the number of the next param, or 0 if DuckDB rejects a
// value.
[[nodiscard]] idx_t bind_seek(duckdb_prepared_statement statement, const query::PlanShape& shape,
                              const query::Seek& seek, StoredTypes types, idx_t at);

}  // namespace offloader::duckdb
