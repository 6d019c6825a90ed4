#pragma once

#include <duckdb.h>

#include <new>

#include "offloader/base/result.h"

// Scalar functions that DuckDB calls through its C API.
namespace offloader::duckdb {

// The error of a function without memory; is_out_of_memory() recognizes it.
inline constexpr const char* kFunctionOutOfMemory = "offloader: out of memory";

// Runs `body`. An exception must not unwind through the C API, so it becomes an error of the query.
template <duckdb_scalar_function_t body>
void guarded(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) noexcept {
  try {
    body(info, input, output);
  } catch (const std::bad_alloc&) {
    duckdb_scalar_function_set_error(info, kFunctionOutOfMemory);
  } catch (...) {
    duckdb_scalar_function_set_error(info, "offloader: a function failed");
  }
}

struct ScalarFunction {
  const char* name;
  duckdb_type returns;
  duckdb_scalar_function_t body;  // guarded
  int texts = 1;                  // the number of VARCHAR arguments; 0: any number of values of any type
  duckdb_scalar_function_init_t init = nullptr;  // makes the state of a thread
};

// Registers a function for the whole database. It is called for nulls, too. Errors: `internal`.
[[nodiscard]] Result<void> register_scalar_function(duckdb_connection connection,
                                                    const ScalarFunction& described);

}  // namespace offloader::duckdb
