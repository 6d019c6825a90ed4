#pragma once

#include <string>

namespace offloader::engine {

// The DuckDB library that is loaded, as it names itself: `v1.5.6`. Any thread, at any time.
[[nodiscard]] std::string duckdb_library_version();

}  // namespace offloader::engine
