#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/json_text.h"

// Exact decimal numbers: an integer of at most 38 digits, the unscaled value, and the number of its digits
// that follow the point, the scale. Pure; any thread may call these functions.
namespace offloader {

inline constexpr unsigned kDecimalDigits = 38;

// 10 to the power of `exponent`. Requires: `exponent` is at most 38.
[[nodiscard]] constexpr Int128 power_of_ten(unsigned exponent) {
  Int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

// A decimal literal as a multiple of 10^-scale. Beyond 38 digits, `floor` is 10^38 or -10^38 - 1, which is
// outside of the range of every decimal type, and `exact` is false.
struct DecimalReading {
  Int128 floor = 0;    // the greatest multiple that is not above the number
  bool exact = false;  // the number is `floor` itself
};

// Parses an optional sign, digits, and optionally a point and more digits: `-12.50`. Leading and trailing
// zeros are allowed, an exponent is not. Requires: `scale` is at most 38.
[[nodiscard]] std::optional<DecimalReading> read_decimal(std::string_view text, unsigned scale);

// Returns the unscaled value of a literal that fits `precision` digits with `scale` of them after the point,
// exactly. Also accepts `.5` and `5.`, as exporters write them.
[[nodiscard]] std::optional<Int128> parse_decimal(std::string_view text, unsigned precision, unsigned scale);

// Writes the number to `at` with exactly `scale` digits after the point, and at least one before it; returns
// the end. `at` must have room for kDecimalBytes.
inline constexpr std::size_t kDecimalBytes = 48;
[[nodiscard]] char* write_decimal(char* at, Int128 unscaled, unsigned scale);
void append_decimal(std::string& out, Int128 unscaled, unsigned scale);

// Returns the nearest double to `unscaled` / 10^`scale`. Requires: `scale` is at most 38.
[[nodiscard]] double double_of_decimal(Int128 unscaled, unsigned scale);

}  // namespace offloader
