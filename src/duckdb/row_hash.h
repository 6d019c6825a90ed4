#pragma once

#include <duckdb.h>

#include "offloader/base/result.h"

namespace offloader::duckdb {

// Registers the SQL function offloader_row_hash(value…), a UBIGINT, for the whole database:
// executor::hash_rows() of the values. Errors: `internal`.
[[nodiscard]] Result<void> register_row_hash(duckdb_connection connection);

}  // namespace offloader::duckdb
