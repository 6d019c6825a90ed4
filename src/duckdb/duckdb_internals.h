#pragma once

#include <duckdb.hpp>
#include <duckdb/common/file_opener.hpp>
#include <duckdb/common/open_file_info.hpp>
#include <duckdb/main/client_context.hpp>
#include <functional>

#include "offloader/base/result.h"

// The parts of DuckDB's C++ API that the file systems need. Only their sources include it.
namespace offloader::duckdb {

// Weak, because a prepared statement may keep a file handle and outlive its connection.
using Context = ::duckdb::weak_ptr<::duckdb::ClientContext>;

// Returns a function that tells whether the context's query has been interrupted.
[[nodiscard]] std::function<bool()> interrupted_of(const Context& context);

// Throws the error as one of DuckDB's exceptions. error_of() recovers it.
[[noreturn]] void raise(const Error& error);

// Adds a file system to an instance. Requires: no connection has been opened yet. Errors: `internal`.
[[nodiscard]] Result<void> register_file_system(duckdb_database database,
                                                ::duckdb::unique_ptr<::duckdb::FileSystem> system);

}  // namespace offloader::duckdb
