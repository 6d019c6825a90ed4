#pragma once

#include <cstddef>
#include <cstdint>

namespace offloader::index {

// Calls `with(Stored{})` with the unsigned type of `width` bytes (1, 2, 4; any other width means 8) and
// returns its result. A loop inside `with` is compiled once per width and does not test the width per value.
template <typename With>
decltype(auto) with_width(std::size_t width, With&& with) {
  switch (width) {
    case 1:
      return with(std::uint8_t{});
    case 2:
      return with(std::uint16_t{});
    case 4:
      return with(std::uint32_t{});
    default:
      return with(std::uint64_t{});
  }
}

// The value at position `i` of an array of values of `width` bytes. Requires: the array has more than `i`.
inline std::uint64_t stored_at(const std::byte* values, std::size_t width, std::uint64_t i) {
  return with_width(width, [&]<typename Stored>(Stored) -> std::uint64_t {
    return reinterpret_cast<const Stored*>(values)[i];
  });
}

}  // namespace offloader::index
