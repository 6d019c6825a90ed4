#pragma once

#include <cstdint>
#include <span>

#include "offloader/index/column.h"

namespace offloader::index {

// Returns how many of the `most` rows from `row` on have the same keys as `row` in all `columns`. Counts
// `row` itself. The end of a long run is found by search, not by a walk.
// Requires: `most` is at least 1, and the rows are sorted by `columns`, in this order.
[[nodiscard]] std::uint32_t run_length(std::span<const Column* const> columns, std::uint32_t row,
                                       std::uint32_t most);

// The same backward, for the `most` rows that end with `row`.
[[nodiscard]] std::uint32_t run_length_backward(std::span<const Column* const> columns, std::uint32_t row,
                                                std::uint32_t most);

}  // namespace offloader::index
