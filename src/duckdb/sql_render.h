#pragma once

#include <span>
#include <string>
#include <string_view>

#include "duckdb_handle.h"
#include "offloader/base/result.h"
#include "offloader/duckdb/plan_statement.h"
#include "offloader/query/plan.h"

// Renders a plan as SQL (query-semantics.md). The text contains only identifiers of the contract; values are
// bound.
namespace offloader::duckdb {

// Returns the SQL of a plan shape. `source` follows FROM and is already quoted. With `never`, WHERE is false
// and conditions have no params. The last two params are limit and offset. `types` are the types in which the
// snapshot stores the contract's columns. With `seek`, the keys of the row at which the page begins are the
// params before these two.
[[nodiscard]] std::string render_sql(const query::PlanShape& shape, bool never, std::string_view source,
                                     std::span<const catalog::SizedType> types, SeekForm seek = {});
// The same for a snapshot that stores the columns in the types that the contract declares.
[[nodiscard]] std::string render_sql(const query::PlanShape& shape, bool never, std::string_view source);

// Returns the SQL of the number of rows of a shape's whole answer, all pages. It has the params of
// render_sql() but for limit and offset.
[[nodiscard]] std::string render_count_sql(const query::PlanShape& shape, bool never, std::string_view source,
                                           std::span<const catalog::SizedType> types);
// The same for a snapshot that stores the columns in the types that the contract declares.
[[nodiscard]] std::string render_count_sql(const query::PlanShape& shape, bool never,
                                           std::string_view source);

// Binds the params of render_count_sql(shape, never, …).
[[nodiscard]] Result<void> bind_count(duckdb_prepared_statement statement, const query::Plan& plan,
                                      bool never, std::span<const catalog::SizedType> types);

// Binds the params of render_sql(shape, never, …, seek_form(plan, types)). Requests one row more than the
// page, to know whether there are more. Numbers compare exactly, whatever type the snapshot stores; DuckDB
// itself would round an integer before comparing it with a DOUBLE column. Errors: `internal`, also if a
// tenant-scoped plan has no tenant.
[[nodiscard]] Result<void> bind_plan(duckdb_prepared_statement statement, const query::Plan& plan, bool never,
                                     std::span<const catalog::SizedType> types);

}  // namespace offloader::duckdb
