#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

// Maps doubles and signed integers to unsigned integers ("keys") that sort the same way. Doubles follow
// DuckDB's order: every NaN is one value, above infinity. The two zeros have adjacent keys, so that the sign
// survives; use `unify_zero` where they must compare equal. The functions are pure.
namespace offloader::index {

constexpr std::uint64_t kSignBit = 1ULL << 63;
constexpr std::uint64_t kNegativeZeroKey = kSignBit - 1;
constexpr std::uint64_t kPositiveZeroKey = kSignBit;
constexpr std::uint64_t kNanKey = 0xFFF8'0000'0000'0000ULL;
constexpr std::uint64_t kDoubleNullKey = ~0ULL;

[[nodiscard]] inline std::uint64_t key_of_double(double value) {
  if (std::isnan(value)) return kNanKey;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

[[nodiscard]] inline double double_of_key(std::uint64_t key) {
  const std::uint64_t flip = (key & kSignBit) != 0 ? kSignBit : ~0ULL;
  return std::bit_cast<double>(key ^ flip);
}

[[nodiscard]] inline std::uint64_t unify_zero(std::uint64_t key) {
  return key == kNegativeZeroKey ? kPositiveZeroKey : key;
}

// The key of a signed integer; int_of_key() is the inverse.
[[nodiscard]] inline std::uint64_t key_of_int(std::int64_t value) {
  return static_cast<std::uint64_t>(value) ^ kSignBit;
}

[[nodiscard]] inline std::int64_t int_of_key(std::uint64_t key) {
  return static_cast<std::int64_t>(key ^ kSignBit);
}

}  // namespace offloader::index
