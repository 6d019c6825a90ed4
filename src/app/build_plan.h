#pragma once

#include <cstddef>
#include <cstdint>

namespace offloader::app {

struct BuildPlan {
  std::size_t at_once = 1;
  std::size_t suspended = 0;  // additional builds that wait for their store and keep their memory
};

// Returns how many builds may share the memory for builds, which is a third of DuckDB's. Each gets at least
// what it needs to work, whatever OFFLOADER_REFRESH_CONCURRENCY says; at least one build runs.
[[nodiscard]] BuildPlan plan_builds(std::uint64_t duckdb_memory_limit, std::size_t concurrency);

}  // namespace offloader::app
