#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "duckdb_handle.h"
#include "offloader/query/plan.h"

// The SQL that adds the buckets without rows to a grouped answer. Pure but for the binding.
namespace offloader::duckdb {

// The text of the error that DuckDB raises if there would be more than query::kMostBuckets rows.
inline constexpr std::string_view kTooManyBuckets = "offloader: too many buckets";

// Returns SQL that begins with WITH and ends with FROM and what the names `found` and `added` then stand for.
// `grouped` is a SELECT whose columns are those of column_name(), in the order of the projections, and
// `present`, which is true. The bounds are the params from $`next` on; sets `next` to the number after them.
struct FillSql {
  std::string with;  // WITH …
  std::string from;  // what follows FROM
};
[[nodiscard]] FillSql fill_sql(const query::PlanShape& shape, const std::string& grouped, std::size_t& next);

// Returns the quoted name of a projection within the SQL of a plan.
[[nodiscard]] std::string column_name(std::size_t projection);

// Returns the value of a projection in an answer with added buckets.
[[nodiscard]] std::string filled_value(const query::PlanShape& shape, std::size_t projection);

// Binds the bounds from `at` on. Returns the number of the next param, or 0 if DuckDB rejects a value.
[[nodiscard]] idx_t bind_axis(duckdb_prepared_statement statement, const query::Plan& plan, idx_t at);

}  // namespace offloader::duckdb
