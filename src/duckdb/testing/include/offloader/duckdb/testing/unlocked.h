#pragma once

#include <memory>

#include "offloader/duckdb/instance.h"

namespace offloader::duckdb::testing {

// An instance of a test's own, in memory, that nothing is locked in. Any thread.
[[nodiscard]] std::shared_ptr<Database> open_unlocked();

// The same instance at every call, never closed: after main, DuckDB's thread-local data is gone, which
// closing an instance would use. One thread at a time.
[[nodiscard]] Connection& unlocked_connection();

}  // namespace offloader::duckdb::testing
