#include "scan.h"

#include <algorithm>

namespace offloader::index {
namespace {

// Clears the mask of values outside [low, high]. CMakeLists.txt compiles this file with full vectorization.
template <typename Stored>
void match(const std::byte* values, std::uint32_t from, std::uint32_t count, std::uint64_t low,
           std::uint64_t high, std::uint8_t* mask) {
  const auto* stored = reinterpret_cast<const Stored*>(values) + from;
  const auto least = static_cast<Stored>(low);
  const auto span = static_cast<Stored>(high - low);
  for (std::uint32_t i = 0; i < count; ++i) {
    mask[i] = static_cast<std::uint8_t>(mask[i] & (static_cast<Stored>(stored[i] - least) <= span ? 1 : 0));
  }
}

// The same for keys that are marked in `members`, which begins at `low`.
template <typename Stored>
void match_members(const std::byte* values, std::uint32_t from, std::uint32_t count,
                   const Predicate& predicate, const std::uint8_t* members, std::uint8_t* mask) {
  const auto* stored = reinterpret_cast<const Stored*>(values) + from;
  const std::uint64_t span = predicate.high - predicate.low;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t at = std::uint64_t{stored[i]} - predicate.low;
    mask[i] = static_cast<std::uint8_t>(mask[i] & (at <= span ? members[at] : 0));
  }
}

// The same for keys in any of some intervals, by bisection.
template <typename Stored>
void match_pieces(const std::byte* values, std::uint32_t from, std::uint32_t count,
                  std::span<const Interval> pieces, std::uint8_t* mask) {
  const auto* stored = reinterpret_cast<const Stored*>(values) + from;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (mask[i] == 0) continue;
    const std::uint64_t key = stored[i];
    const auto after = std::partition_point(pieces.begin(), pieces.end(),
                                            [key](const Interval& piece) { return piece.high < key; });
    mask[i] = after != pieces.end() && after->low <= key ? 1 : 0;
  }
}

void match(const Lookup& lookup, const Predicate& predicate, std::uint32_t from, std::uint32_t count,
           std::uint8_t* mask) {
  const Column& column = *predicate.column;
  with_width(column.width, [&]<typename Stored>(Stored) {
    if (predicate.pieces == 0) {
      match<Stored>(column.values, from, count, predicate.low, predicate.high, mask);
    } else if (predicate.members != 0) {
      match_members<Stored>(column.values, from, count, predicate,
                            lookup.members.data() + (predicate.members - 1), mask);
    } else {
      match_pieces<Stored>(column.values, from, count,
                           std::span(lookup.pieces).subspan(predicate.first_piece, predicate.pieces), mask);
    }
  });
}

// Whether no row of the block matches. The bounds of a block leave nulls out, whose key is the greatest.
bool outside(const Predicate& predicate, std::uint32_t block) {
  if (predicate.column->is_null(predicate.high)) return false;
  const std::uint64_t* bounds = predicate.column->bounds + std::size_t{block} * 2;
  return bounds[0] > predicate.high || bounds[1] < predicate.low;
}

// Clears the mask of rows that match none of the alternatives.
void match_any(const Lookup& lookup, std::span<const Predicate> alternatives, std::uint32_t from,
               std::uint32_t count, std::uint8_t* mask) {
  std::array<std::uint8_t, kBlockRows> any{};
  for (const Predicate& predicate : alternatives) {
    if (outside(predicate, from / kBlockRows)) continue;
    std::array<std::uint8_t, kBlockRows> one;
    std::fill_n(one.begin(), count, std::uint8_t{1});
    match(lookup, predicate, from, count, one.data());
    for (std::uint32_t i = 0; i < count; ++i) any[i] = static_cast<std::uint8_t>(any[i] | one[i]);
  }
  for (std::uint32_t i = 0; i < count; ++i) mask[i] = static_cast<std::uint8_t>(mask[i] & any[i]);
}

}  // namespace

std::span<const std::uint32_t> select_rows(const Lookup& lookup, std::uint32_t from, std::uint32_t to,
                                           RowBatch& batch) {
  const std::uint32_t count = to - from;
  if (!lookup.filters_rows()) {
    for (std::uint32_t i = 0; i < count; ++i) batch[i] = from + i;
    return {batch.data(), count};
  }
  const std::uint32_t block = from / kBlockRows;
  for (std::size_t p = 0; p < lookup.predicate_count; ++p) {
    if (outside(lookup.predicates[p], block)) return {};
  }
  std::array<std::uint8_t, kBlockRows> mask;
  std::fill_n(mask.begin(), count, std::uint8_t{1});
  for (std::size_t p = 0; p < lookup.predicate_count; ++p)
    match(lookup, lookup.predicates[p], from, count, mask.data());
  for (std::size_t group = 0, begin = 0; group < lookup.any_ends.size(); begin = lookup.any_ends[group++]) {
    match_any(lookup, std::span(lookup.any).subspan(begin, lookup.any_ends[group] - begin), from, count,
              mask.data());
  }
  std::size_t selected = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    batch[selected] = from + i;
    selected += mask[i];
  }
  return {batch.data(), selected};
}

}  // namespace offloader::index
