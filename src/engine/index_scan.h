#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "index_lookup.h"
#include "offloader/base/cancel.h"

namespace offloader::engine {

using IndexBatch = std::array<std::uint32_t, kIndexBlockRows>;

// Of the rows [from, to), which lie in one block, those that meet every predicate, in order. The result lies
// in `batch`.
[[nodiscard]] std::span<const std::uint32_t> select_rows(const IndexLookup& lookup, std::uint32_t from,
                                                         std::uint32_t to, IndexBatch& batch);

// Calls `visit(rows)` for each block's selected rows (never empty), in storage order, or from the last block
// to the first
// (`rows` itself stays ascending). Stops when `visit` returns false. False when the flag was raised.
template <typename Visit>
bool scan_rows(const IndexLookup& lookup, bool forward, const CancelFlag* cancel, Visit visit) {
  IndexBatch batch;
  std::uint32_t begin = lookup.begin;
  std::uint32_t end = lookup.end;
  while (begin < end) {
    if (cancel != nullptr && cancel->cancelled()) return false;
    std::uint32_t from = begin;
    std::uint32_t to = end;
    if (forward) {
      to = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(end, (begin / kIndexBlockRows + 1ULL) * kIndexBlockRows));
      begin = to;
    } else {
      from = std::max(begin, (end - 1) / kIndexBlockRows * kIndexBlockRows);
      end = from;
    }
    const auto rows = select_rows(lookup, from, to, batch);
    if (!rows.empty() && !visit(rows)) return true;
  }
  return true;
}

}  // namespace offloader::engine
