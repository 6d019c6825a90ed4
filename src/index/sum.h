#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace offloader::index {

// Returns the sum of `count` keys of 8, 16 or 32 bits. `readable`, at least `count`, is how many keys may be
// read. If a whole vector may be read for the last few keys, they are masked and added at once instead of in
// a loop: runs are short and of different lengths, and a mispredicted loop end costs more than the additions.
template <typename Stored>
std::uint64_t sum_keys(const Stored* keys, std::uint32_t count, std::uint32_t readable) {
  static_assert(std::is_unsigned_v<Stored> && sizeof(Stored) <= 4);
  using Wide = std::conditional_t<sizeof(Stored) == 4, std::uint64_t, std::uint32_t>;
  using Vector [[gnu::vector_size(16)]] = Wide;
  constexpr std::uint32_t kLanes = 16 / sizeof(Stored);
  // Few enough keys for a partial sum: a 32-bit lane adds two 16-bit keys (or four 8-bit ones) in each step.
  constexpr std::uint32_t kPart = kLanes << 14;
  static constexpr auto kMasks = [] {
    std::array<unsigned char, 32> bytes{};
    for (std::size_t i = 0; i < 16; ++i) bytes[i] = 0xFF;
    return bytes;
  }();

  // Adds the two or four keys in each lane, without unpacking them into separate lanes.
  const auto folded = [](Vector keys_of) {
    if constexpr (sizeof(Stored) == 1) {
      constexpr std::uint32_t kEven = 0x00FF00FF;
      const Vector pairs = (keys_of & kEven) + ((keys_of >> 8) & kEven);
      return (pairs & 0xFFFF) + (pairs >> 16);
    } else {
      constexpr int kBits = 8 * sizeof(Stored);
      constexpr auto kLow = static_cast<Wide>(static_cast<Stored>(~Stored{0}));
      return (keys_of & kLow) + (keys_of >> kBits);
    }
  };
  const auto load = [](const void* from) {
    Vector out;
    std::memcpy(&out, from, sizeof out);
    return out;
  };

  std::uint64_t sum = 0;
  for (std::uint32_t from = 0; from < count;) {
    const std::uint32_t part = std::min(count - from, kPart);
    const Stored* const some = keys + from;
    Vector partial{};
    std::uint32_t i = 0;
    for (; part - i >= kLanes; i += kLanes) partial += folded(load(some + i));
    if (i < part && readable - from - i >= kLanes) {
      partial += folded(load(some + i) & load(kMasks.data() + 16 - (part - i) * sizeof(Stored)));
      i = part;
    }
    for (std::size_t lane = 0; lane < 16 / sizeof(Wide); ++lane) sum += partial[lane];
    for (; i < part; ++i) sum += some[i];
    from += part;
  }
  return sum;
}

}  // namespace offloader::index
