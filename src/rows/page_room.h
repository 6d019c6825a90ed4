#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "offloader/base/result.h"

namespace offloader::rows {

// Pages smaller than this many bytes grow by doubling, as strings do.
inline constexpr std::size_t kLargePage = 1 << 20;

// Returns the expected size of a page in bytes, plus 5%: the size of its first `rows`, `bytes`, extrapolated
// to its row limit, but at most 16-fold. A large page reserves this at once, because repeated doubling holds
// its bytes twice while they move. Unused room is never touched, so it takes no memory.
// Requires: `rows` is positive.
[[nodiscard]] inline std::size_t expected_page(std::size_t bytes, std::int64_t rows, std::int64_t limit) {
  constexpr double kMost = 16;  // times `bytes`
  double pages = static_cast<double>(limit) / static_cast<double>(rows);
  if (pages > kMost) pages = kMost;
  return static_cast<std::size_t>(static_cast<double>(bytes) * pages * 1.05);
}

// Returns the size to which a page of `bytes` grows if there is no memory for expected_page(). It has room
// for `more` bytes, and for half of the page, so that the page does not move for every chunk.
[[nodiscard]] inline std::size_t next_room(std::size_t bytes, std::size_t more) {
  return bytes + std::max(bytes / 2, more);
}

// The error of a query whose page does not fit into the remaining memory for answers.
[[nodiscard]] inline Error page_refused() {
  return {ErrorCode::no_memory,
          "The server has no memory left for this answer. Ask for fewer rows, or try again later.",
          "OFFLOADER_RESPONSE_MEMORY is used up"};
}

}  // namespace offloader::rows
