#pragma once

#include <duckdb.h>

#include <string>

#include "offloader/base/result.h"
#include "offloader/duckdb/error.h"

// Classifies errors of DuckDB by the type and the extra facts of the exception. The error text may quote
// data, so it is matched only where DuckDB writes its own words: at its start and its end, and anywhere only
// for types that quote no data (FATAL, TRANSACTION, OUT_OF_MEMORY).
namespace offloader::duckdb {

struct DuckdbError {
  duckdb_error_type type = DUCKDB_ERROR_INVALID;
  std::string text;     // begins with the name of the type: `IO Error: …`
  int os_error = 0;     // errno from DuckDB's own file system; 0: none
  std::string store{};  // raised by duckdb_internals.cc (store_error.h); empty: none
};

// Returns the error of a result, including one that failed while it was streamed, or of a statement or a
// pending result.
[[nodiscard]] DuckdbError error_of(duckdb_result& result);
[[nodiscard]] DuckdbError error_of(duckdb_prepared_statement statement);
[[nodiscard]] DuckdbError error_of(duckdb_pending_result pending);

// Maps an error of DuckDB to the code that says what the caller can do.
[[nodiscard]] Error to_error(const DuckdbError& error);

}  // namespace offloader::duckdb
