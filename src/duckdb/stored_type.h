#pragma once

#include <duckdb.h>

#include "offloader/catalog/column_type.h"

namespace offloader::duckdb {

// Returns the DuckDB type in which a snapshot stores a column of the type.
[[nodiscard]] duckdb_type stored_type(catalog::ColumnType type);

}  // namespace offloader::duckdb
