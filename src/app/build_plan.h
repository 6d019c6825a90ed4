#pragma once

#include <cstddef>
#include <cstdint>

namespace offloader::app {

struct BuildPlan {
  std::size_t at_once = 1;
  std::size_t suspended = 0;  // beside them: builds that wait for their store, which keep their memory
};

// How many builds may share the memory that builds have, a third of DuckDB's: never so many that one of them
// gets less than it can work with, whatever OFFLOADER_REFRESH_CONCURRENCY says. At least one at once.
[[nodiscard]] BuildPlan plan_builds(std::uint64_t duckdb_memory_limit, std::size_t concurrency);

}  // namespace offloader::app
