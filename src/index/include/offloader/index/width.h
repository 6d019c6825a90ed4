#pragma once

#include <cstddef>
#include <cstdint>

namespace offloader::index {

// Calls `with(Stored{})` for the unsigned type of `width` bytes (1, 2, 4, else 8) and returns what it
// returns: a loop over stored values is one loop for each width, and asks for the width once.
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

// The stored value at place `i` of an array of `width` bytes each.
inline std::uint64_t stored_at(const std::byte* values, std::size_t width, std::uint64_t i) {
  return with_width(width, [&]<typename Stored>(Stored) -> std::uint64_t {
    return reinterpret_cast<const Stored*>(values)[i];
  });
}

}  // namespace offloader::index
