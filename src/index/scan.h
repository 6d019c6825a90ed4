#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "offloader/base/cancel.h"
#include "offloader/index/lookup.h"

namespace offloader::index {

using RowBatch = std::array<std::uint32_t, kBlockRows>;

// Returns the rows of [from, to) that match every predicate, ascending. The result points into `batch`.
// Requires: the rows are in one block.
[[nodiscard]] std::span<const std::uint32_t> select_rows(const Lookup& lookup, std::uint32_t from,
                                                         std::uint32_t to, RowBatch& batch);

// Calls `visit(rows)` with the selected rows of each block that has any: from the first block to the last or,
// if not `forward`, from the last to the first. `rows` is ascending in either case. Stops when `visit`
// returns false. Returns false if `cancel`, which may be null, was raised.
template <typename Visit>
bool scan_rows(const Lookup& lookup, bool forward, const CancelFlag* cancel, Visit visit) {
  RowBatch batch;
  std::uint32_t begin = lookup.begin;
  std::uint32_t end = lookup.end;
  while (begin < end) {
    if (cancel != nullptr && cancel->cancelled()) return false;
    std::uint32_t from = begin;
    std::uint32_t to = end;
    if (forward) {
      to = static_cast<std::uint32_t>(std::min<std::uint64_t>(end, (begin / kBlockRows + 1ULL) * kBlockRows));
      begin = to;
    } else {
      from = std::max(begin, (end - 1) / kBlockRows * kBlockRows);
      end = from;
    }
    const auto rows = select_rows(lookup, from, to, batch);
    if (!rows.empty() && !visit(rows)) return true;
  }
  return true;
}

}  // namespace offloader::index
