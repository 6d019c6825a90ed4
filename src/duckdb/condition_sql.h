#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "duckdb_handle.h"
#include "offloader/base/result.h"
#include "offloader/catalog/column.h"
#include "offloader/query/plan.h"

// A plan's conditions as SQL, and the binding of their values. The text contains only identifiers of the
// contract and numbers of params.
namespace offloader::duckdb {

// Appends ` WHERE …` with the params from $`next` on, and sets `next` to the number after the last one.
// Appends nothing if there are no conditions.
void append_where(std::string& sql, const query::PlanShape& shape, std::size_t& next);

// Binds the params of append_where(), which begin at 1. Returns the number of the next param, or 0 if DuckDB
// rejects a value. `types` are the types in which the snapshot stores the contract's columns.
// Requires: the plan has a value for each condition and a list for each that is Among.
[[nodiscard]] idx_t bind_conditions(duckdb_prepared_statement statement, const query::Plan& plan,
                                    std::span<const catalog::SizedType> types);

// Whether the SQL of the test has a param for the first instant that may match, and one for the end of those.
// A test with one of them has another param, for the instants that surely match: their begin or their end.
[[nodiscard]] bool bounds_begin(const query::CompareDay& test);
[[nodiscard]] bool bounds_end(const query::CompareDay& test);

// Whether no double equals the number.
[[nodiscard]] bool equals_no_double(std::int64_t number);

}  // namespace offloader::duckdb
