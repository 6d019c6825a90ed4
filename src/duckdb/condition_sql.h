#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "duckdb_handle.h"
#include "offloader/base/result.h"
#include "offloader/catalog/column.h"
#include "offloader/query/plan.h"

// A plan's conditions as SQL, and the binding of their values. The text contains only identifiers of the
// contract and numbers of params.
namespace offloader::duckdb {

// Returns what a condition tests, as SQL. Its argument is Condition::column.
using NameOf = std::function<std::string(std::size_t column)>;

// Names the columns of the contract. A view of the shape.
[[nodiscard]] NameOf column_names(const query::PlanShape& shape);

// Appends the conditions, joined by AND and OR, with the params from $`next` on, and sets `next` to the
// number after the last one.
void append_conditions(std::string& sql, std::span<const query::Condition> conditions, const NameOf& name_of,
                       std::size_t& next);

// Returns the type in which a condition's operand is stored. Its argument is Condition::column.
using StoredType = std::function<catalog::SizedType(std::size_t column)>;

// Binds the params of append_conditions(), from `at` on. Returns the number of the next param, or 0 if DuckDB
// rejects a value.
[[nodiscard]] idx_t bind_conditions(duckdb_prepared_statement statement, const query::BoundConditions& bound,
                                    const StoredType& stored_type, idx_t at);

// Binds a value that is compared with one of the type `stored`. A number that no value of the type equals
// becomes null.
[[nodiscard]] duckdb_state bind_value(duckdb_prepared_statement statement, idx_t at,
                                      const query::Value& value, const catalog::SizedType& stored);

// Whether there is a value for each condition and a list for each that is Among.
[[nodiscard]] bool complete(const query::BoundConditions& bound);

// Whether the SQL of the test has a param for the first instant that may match, and one for the end of those.
// A test with one of them has another param, for the instants that surely match: their begin or their end.
[[nodiscard]] bool bounds_begin(const query::CompareDay& test);
[[nodiscard]] bool bounds_end(const query::CompareDay& test);

// Whether no double equals the number.
[[nodiscard]] bool equals_no_double(std::int64_t number);

}  // namespace offloader::duckdb
