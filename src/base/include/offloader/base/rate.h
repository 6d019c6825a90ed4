#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace offloader {

// How often something may happen: `count` times every `seconds`.
struct Rate {
  static constexpr std::uint32_t kMostCount = 1'000'000;

  std::uint32_t count = 1;
  std::uint32_t seconds = 1;

  friend bool operator==(const Rate&, const Rate&) = default;
};

// Parses `100/s`, `30/m` or `1000/h`: a whole number from 1 to kMostCount, and the unit. Returns nullopt for
// anything else. Any thread.
[[nodiscard]] std::optional<Rate> parse_rate(std::string_view text);

}  // namespace offloader
