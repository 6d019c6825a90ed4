#pragma once

#include <duckdb.h>

#include "offloader/base/result.h"

namespace offloader::duckdb {

// Registers two SQL functions for the whole database: offloader_row_hash(value…), a UBIGINT, which is
// executor::hash_rows() of the values; and offloader_text_hash(text), a BIGINT, which is
// executor::hash_text(). Errors: `internal`.
[[nodiscard]] Result<void> register_row_hash(duckdb_connection connection);

}  // namespace offloader::duckdb
