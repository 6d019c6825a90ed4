#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "offloader/base/result.h"

namespace offloader::rows {

// Pages smaller than this grow by doubling, as strings do.
inline constexpr std::size_t kLargePage = 1 << 20;

// How many bytes a page will have, from `bytes` of its first `rows` (more than none) when at most `limit`
// come, with a little to spare: a large page gets room for its rest at once, where growing by doubling would
// hold the bytes twice while they move. Room that stays unused is never touched, and so takes no memory.
[[nodiscard]] inline std::size_t expected_page(std::size_t bytes, std::int64_t rows, std::int64_t limit) {
  constexpr double kMost = 16;  // times what is there
  double pages = static_cast<double>(limit) / static_cast<double>(rows);
  if (pages > kMost) pages = kMost;
  return static_cast<std::size_t>(static_cast<double>(bytes) * pages * 1.05);
}

// The least room that a page of `bytes` grows to when there is no memory for expected_page(): `more` bytes,
// and enough that it does not move for every chunk.
[[nodiscard]] inline std::size_t next_room(std::size_t bytes, std::size_t more) {
  return bytes + std::max(bytes / 2, more);
}

// What a query ends with when its page does not fit into the memory left for answers.
[[nodiscard]] inline Error page_refused() {
  return {ErrorCode::no_memory,
          "The server has no memory left for this answer. Ask for fewer rows, or try again later.",
          "OFFLOADER_RESPONSE_MEMORY is used up"};
}

}  // namespace offloader::rows
