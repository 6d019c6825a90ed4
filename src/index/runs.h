#pragma once

#include <cstdint>
#include <span>

#include "offloader/index/column.h"

namespace offloader::index {

// How many of the next `most` rows (at least one) from `row` on, itself the first, agree with it in all
// `columns`. The rows are sorted by these columns in this order, so the end of a long run is searched for and
// not walked to.
[[nodiscard]] std::uint32_t run_length(std::span<const Column* const> columns, std::uint32_t row,
                                       std::uint32_t most);

// The same backward: `row` is the last, and the others come before it.
[[nodiscard]] std::uint32_t run_length_backward(std::span<const Column* const> columns, std::uint32_t row,
                                                std::uint32_t most);

}  // namespace offloader::index
