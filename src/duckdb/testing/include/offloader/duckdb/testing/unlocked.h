#pragma once

#include <memory>

#include "offloader/duckdb/instance.h"

namespace offloader::duckdb::testing {

// Opens an in-memory instance for a test, whose configuration is not locked. Thread-safe.
[[nodiscard]] std::shared_ptr<Database> open_unlocked();

// Returns a connection to an instance that is shared by all calls and never closed: closing it after main()
// would use DuckDB's thread-local data, which is destroyed by then. One thread at a time.
[[nodiscard]] Connection& unlocked_connection();

}  // namespace offloader::duckdb::testing
