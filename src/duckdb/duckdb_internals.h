#pragma once

#include <duckdb.hpp>
#include <duckdb/common/file_opener.hpp>
#include <duckdb/common/open_file_info.hpp>
#include <duckdb/main/client_context.hpp>
#include <functional>

#include "offloader/base/result.h"

// What the file systems need of DuckDB's C++ headers, which those of their sources alone see.
namespace offloader::duckdb {

// Weak: a handle may be kept by a prepared statement, which its connection may survive.
using Context = ::duckdb::weak_ptr<::duckdb::ClientContext>;

// Whether the context's query has been interrupted.
[[nodiscard]] std::function<bool()> interrupted_of(const Context& context);

// Throws the error as DuckDB's file systems do: error_of() has it again.
[[noreturn]] void raise(const Error& error);

// Before the first connection is opened.
[[nodiscard]] Result<void> register_file_system(duckdb_database database,
                                                ::duckdb::unique_ptr<::duckdb::FileSystem> system);

}  // namespace offloader::duckdb
