#pragma once

#include <cstdint>
#include <string>

#include "offloader/base/result.h"
#include "offloader/duckdb/instance.h"
#include "offloader/query/plan.h"

namespace offloader::duckdb::testing {

// Rows as the JSON writer would format them, formatted by independent code.
struct JsonAnswer {
  std::string json;
  std::int64_t row_count = 0;
  bool has_more = false;
};

// Runs `sql` and returns its rows as JSON: the plan's chosen columns, and at most `limit` rows. Requires: the
// columns of `sql` are those of the plan's shape. Errors: `internal`, with DuckDB's text.
[[nodiscard]] Result<JsonAnswer> json_answer(Connection& connection, const std::string& sql,
                                             const query::Plan& plan);

}  // namespace offloader::duckdb::testing
