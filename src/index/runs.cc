#include "runs.h"

#include <algorithm>

namespace offloader::index {
namespace {

// Rows that are compared together. CMakeLists.txt compiles this file with full vectorization.
constexpr std::uint32_t kBlock = 32;
// Runs longer than this many rows are searched in doubling steps.
constexpr std::uint32_t kWalked = 4 * kBlock;

// The keys of a column relative to a row, forward or backward.
template <typename Stored, bool kFloating, bool kForward>
class Keys {
 public:
  Keys(const Column& column, std::uint32_t row)
      : at_(reinterpret_cast<const Stored*>(column.values) + row), first_(of(*at_)) {}

  [[nodiscard]] bool same(std::uint32_t distance) const {
    return of(kForward ? at_[distance] : *(at_ - distance)) == first_;
  }
  // How many keys of the block that begins `distance` rows away equal the first one. Since the column is
  // sorted, they are the nearest ones.
  [[nodiscard]] std::uint32_t same_in_block(std::uint32_t distance) const {
    const Stored* block = kForward ? at_ + distance : at_ - distance - (kBlock - 1);
    Stored same{0};  // as wide as the keys, so that a vector holds as many counters as keys
    for (std::uint32_t i = 0; i < kBlock; ++i)
      same = static_cast<Stored>(same + (of(block[i]) == first_ ? 1 : 0));
    return static_cast<std::uint32_t>(same);
  }

 private:
  static Stored of(Stored key) {
    if constexpr (kFloating) return unify_zero(key);
    return key;
  }
  const Stored* at_;
  Stored first_;
};

template <typename Stored, bool kFloating, bool kForward>
std::uint32_t length(const Column& column, std::uint32_t row, std::uint32_t most) {
  const Keys<Stored, kFloating, kForward> keys(column, row);
  std::uint32_t at = 0;
  for (; at < kWalked && at + kBlock <= most; at += kBlock) {
    const std::uint32_t same = keys.same_in_block(at);
    if (same < kBlock) return at + same;
  }
  if (at < kWalked) {
    while (at < most && keys.same(at)) ++at;
    return at;
  }
  std::uint64_t inside = at - 1;
  std::uint64_t step = kBlock;
  while (inside + step < most && keys.same(static_cast<std::uint32_t>(inside + step))) {
    inside += step;
    step *= 2;
  }
  std::uint64_t outside = std::min<std::uint64_t>(inside + step, most);
  while (inside + 1 < outside) {
    const std::uint64_t middle = inside + (outside - inside) / 2;
    (keys.same(static_cast<std::uint32_t>(middle)) ? inside : outside) = middle;
  }
  return static_cast<std::uint32_t>(inside + 1);
}

template <bool kForward>
std::uint32_t length(const Column& column, std::uint32_t row, std::uint32_t most) {
  if (column.type == catalog::ColumnType::float64)
    return length<std::uint64_t, true, kForward>(column, row, most);
  return with_width(column.width, [&]<typename Stored>(Stored) {
    return length<Stored, false, kForward>(column, row, most);
  });
}

// Within a run of equal keys in the preceding columns, the next column is sorted.
template <bool kForward>
std::uint32_t length(std::span<const Column* const> columns, std::uint32_t row, std::uint32_t most) {
  for (const Column* column : columns) most = length<kForward>(*column, row, most);
  return most;
}

}  // namespace

std::uint32_t run_length(std::span<const Column* const> columns, std::uint32_t row, std::uint32_t most) {
  return length<true>(columns, row, most);
}

std::uint32_t run_length_backward(std::span<const Column* const> columns, std::uint32_t row,
                                  std::uint32_t most) {
  return length<false>(columns, row, most);
}

}  // namespace offloader::index
