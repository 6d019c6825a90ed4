#pragma once

#include <algorithm>
#include <cstdint>

#include "offloader/index/column.h"

namespace offloader::index {

// The runs of rows that have the same key in the first two sort columns, in order. What it says comes from a
// file: whoever uses a row or a run of it clamps it, as the members here do.
struct RunDirectory {
  const Column* column = nullptr;               // the second sort column
  const std::byte* keys = nullptr;              // its key in each run, as wide as its values
  const std::uint32_t* starts = nullptr;        // the row where each begins; one more
  const std::uint32_t* of_directory = nullptr;  // the first run of each key of the directory; one more
  std::uint32_t count = 0;

  [[nodiscard]] std::uint64_t key(std::uint32_t run) const { return stored_at(keys, column->width, run); }
  // Runs [begin, end) of the key at this place of the directory.
  [[nodiscard]] Range runs_of(std::uint64_t place) const {
    const std::uint32_t end = std::min(of_directory[place + 1], count);
    return {std::min(of_directory[place], end), end};
  }
  // The rows of runs [begin, end), as far as they lie in `within`.
  [[nodiscard]] Range rows_of(Range runs, Range within) const {
    const std::uint32_t end = std::clamp(starts[runs.end], within.begin, within.end);
    return {std::clamp(starts[runs.begin], within.begin, end), end};
  }
};

}  // namespace offloader::index
