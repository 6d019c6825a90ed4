#pragma once

#include <algorithm>
#include <cstdint>

#include "offloader/index/column.h"

namespace offloader::index {

// The runs of a reader: in order, the stretches of rows that have equal keys in the first two sort columns. A
// view into the reader's mapping. Any thread. Its content comes from a file that may be damaged, so clamp
// every row and run number taken from it, as the members here do.
struct RunDirectory {
  const Column* column = nullptr;               // the second sort column
  const std::byte* keys = nullptr;              // its key in each run, of `column->width` bytes
  const std::uint32_t* starts = nullptr;        // the first row of each run; `count` + 1 values
  const std::uint32_t* of_directory = nullptr;  // the first run of each directory key, then the run count
  std::uint32_t count = 0;                      // of runs

  [[nodiscard]] std::uint64_t key(std::uint32_t run) const { return stored_at(keys, column->width, run); }
  // The runs of the directory key at position `place`.
  [[nodiscard]] Range runs_of(std::uint64_t place) const {
    const std::uint32_t end = std::min(of_directory[place + 1], count);
    return {std::min(of_directory[place], end), end};
  }
  // The rows of `runs`, limited to `within`.
  [[nodiscard]] Range rows_of(Range runs, Range within) const {
    const std::uint32_t end = std::clamp(starts[runs.end], within.begin, within.end);
    return {std::clamp(starts[runs.begin], within.begin, end), end};
  }
};

}  // namespace offloader::index
