#pragma once

#include <span>
#include <string>
#include <string_view>

#include "duckdb_handle.h"
#include "offloader/base/result.h"
#include "offloader/duckdb/plan_statement.h"
#include "offloader/query/plan.h"

// A plan as SQL (query-semantics.md): text made of the contract's identifiers alone, values bound.
namespace offloader::duckdb {

// `source` is what stands after FROM, already quoted. With `never` the shape's WHERE is false and has no
// condition's param. The last two params are limit and offset.
[[nodiscard]] std::string render_sql(const query::PlanShape& shape, bool never, std::string_view source);

// Binds the params of render_sql(shape, never, …); one row more than the page is asked for. Numbers compare
// exactly, whatever the types that the snapshot stores:
// DuckDB would compare an integer with a DOUBLE column after rounding it.
[[nodiscard]] Result<void> bind_plan(duckdb_prepared_statement statement, const query::Plan& plan, bool never,
                                     std::span<const catalog::ColumnType> types);

}  // namespace offloader::duckdb
