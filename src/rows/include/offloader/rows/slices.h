#pragma once

#include <cstddef>
#include <functional>

#include "offloader/base/result.h"
#include "offloader/rows/batch.h"

namespace offloader::rows {

// Calls `visit(slice, last)` with successive rows of the batch, as few times as possible while the texts of a
// slice have at most `most` bytes, or are those of one row. Usually that is the batch itself. Returns the
// first error of `visit`. A slice is a view like the batch, valid during the call.
[[nodiscard]] Result<void> for_each_slice(
    const Batch& batch, std::size_t most,
    const std::function<Result<void>(const Batch& slice, bool last)>& visit);

}  // namespace offloader::rows
