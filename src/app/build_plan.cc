#include "build_plan.h"

#include <algorithm>

namespace offloader::app {
namespace {

// With less memory, DuckDB spills every sort, or cannot sort at all.
constexpr std::uint64_t kBuildNeeds = 64ULL << 20;
constexpr std::size_t kMostSuspended = 4;

}  // namespace

BuildPlan plan_builds(std::uint64_t duckdb_memory_limit, std::size_t concurrency) {
  const auto fit = std::max<std::size_t>(1, duckdb_memory_limit / 3 / kBuildNeeds);
  const std::size_t at_once = std::clamp<std::size_t>(concurrency, 1, fit);
  return {.at_once = at_once, .suspended = std::min(kMostSuspended, fit - at_once)};
}

}  // namespace offloader::app
