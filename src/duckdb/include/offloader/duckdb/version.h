#pragma once

#include <string>

namespace offloader::duckdb {

// The DuckDB library that is loaded, as it names itself: `v1.5.6`. Any thread, at any time.
[[nodiscard]] std::string duckdb_library_version();

}  // namespace offloader::duckdb
