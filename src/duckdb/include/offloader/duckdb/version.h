#pragma once

#include <string>

namespace offloader::duckdb {

// Returns the version of the loaded DuckDB library, such as `v1.5.6`. Thread-safe.
[[nodiscard]] std::string duckdb_library_version();

}  // namespace offloader::duckdb
