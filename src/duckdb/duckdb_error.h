#pragma once

#include <duckdb.h>

#include <string>

#include "offloader/base/result.h"
#include "offloader/duckdb/error.h"

// What an error of DuckDB is, by the type and the facts that its exception carried. Its text is never
// searched for words where it may quote data: it is only read from its start, which DuckDB writes, and only
// of types that speak of files and memory.
namespace offloader::duckdb {

struct DuckdbError {
  duckdb_error_type type = DUCKDB_ERROR_INVALID;
  std::string text;     // begins with the type's name: `IO Error: …`
  int os_error = 0;     // errno of DuckDB's own file system; 0: none
  std::string store{};  // what duckdb_internals.cc raised (store_error.h); empty: nothing
};

// Of a result, also of one that failed while it was streamed.
[[nodiscard]] DuckdbError error_of(duckdb_result& result);
[[nodiscard]] DuckdbError error_of(duckdb_prepared_statement statement);

// Maps an error of DuckDB to what the receiver can do about it.
[[nodiscard]] Error to_error(const DuckdbError& error);

}  // namespace offloader::duckdb
