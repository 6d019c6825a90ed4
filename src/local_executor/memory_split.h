#pragma once

#include <algorithm>
#include <cstdint>

#include "build_memory.h"

namespace offloader::local_executor {

// The parts of Options::memory_limit, in bytes. Their sum is the limit if that is at least twice
// BuildMemory::kLeast.
struct MemorySplit {
  std::uint64_t serving = 0;
  std::uint64_t builds = 0;  // at least BuildMemory::kLeast
  std::uint64_t remote = 0;  // see RemoteMemory, which may hand out more
};

[[nodiscard]] constexpr MemorySplit split_memory(std::uint64_t limit) {
  MemorySplit split;
  split.serving = limit / 2;
  split.builds = std::max(limit / 3, BuildMemory::kLeast);
  split.remote = limit - std::min(limit, split.serving + split.builds);
  return split;
}

}  // namespace offloader::local_executor
