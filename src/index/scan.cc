#include "scan.h"

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

void match(const Predicate& predicate, std::uint32_t from, std::uint32_t count, std::uint8_t* mask) {
  const Column& column = *predicate.column;
  with_width(column.width, [&]<typename Stored>(Stored) {
    match<Stored>(column.values, from, count, predicate.low, predicate.high, mask);
  });
}

}  // namespace

std::span<const std::uint32_t> select_rows(const Lookup& lookup, std::uint32_t from, std::uint32_t to,
                                           RowBatch& batch) {
  const std::uint32_t count = to - from;
  if (lookup.predicate_count == 0) {
    for (std::uint32_t i = 0; i < count; ++i) batch[i] = from + i;
    return {batch.data(), count};
  }
  const std::uint32_t block = from / kBlockRows;
  for (std::size_t p = 0; p < lookup.predicate_count; ++p) {
    const Predicate& predicate = lookup.predicates[p];
    const std::uint64_t* bounds = predicate.column->bounds + std::size_t{block} * 2;
    if (bounds[0] > predicate.high || bounds[1] < predicate.low) return {};
  }
  std::array<std::uint8_t, kBlockRows> mask;
  std::fill_n(mask.begin(), count, std::uint8_t{1});
  for (std::size_t p = 0; p < lookup.predicate_count; ++p)
    match(lookup.predicates[p], from, count, mask.data());
  std::size_t selected = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    batch[selected] = from + i;
    selected += mask[i];
  }
  return {batch.data(), selected};
}

}  // namespace offloader::index
