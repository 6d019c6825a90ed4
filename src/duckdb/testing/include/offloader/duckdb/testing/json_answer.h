#pragma once

#include <cstdint>
#include <string>

#include "offloader/base/result.h"
#include "offloader/duckdb/instance.h"
#include "offloader/query/plan.h"

namespace offloader::duckdb::testing {

// Rows as the JSON writer shows them, written by other code than the writer.
struct JsonAnswer {
  std::string json;
  std::int64_t row_count = 0;
  bool has_more = false;
};

// What DuckDB answers to `sql`, whose columns are those of the plan's shape: the chosen ones, and at most
// `limit` rows.
[[nodiscard]] Result<JsonAnswer> json_answer(Connection& connection, const std::string& sql,
                                             const query::Plan& plan);

}  // namespace offloader::duckdb::testing
