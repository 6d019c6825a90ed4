#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Decimal numbers as text: exact, of any length. Pure; any thread may call these functions.
namespace offloader::catalog {

// A decimal number of which the digits are views into the text that it was read from.
struct DecimalText {
  bool negative = false;        // never for zero
  std::string_view whole{};     // without leading zeros; empty for a number below one
  std::string_view fraction{};  // without trailing zeros; empty for a whole number
};

enum class DecimalForm {
  strict,   // an optional `-`, and no leading zeros: how `number` params are written
  lenient,  // also `+` and leading zeros
};

// Parses digits with an optional point and digits after it. Rejects exponents, `.5` and `5.`.
[[nodiscard]] std::optional<DecimalText> parse_decimal(std::string_view text, DecimalForm form);

[[nodiscard]] std::strong_ordering compare(const DecimalText& a, const DecimalText& b);

// Formats it in its shortest form, so that equal numbers have equal texts.
[[nodiscard]] std::string to_text(const DecimalText& number);

// Returns the largest integer that is not above the number. Returns nullopt if it does not fit into 64 bits.
[[nodiscard]] std::optional<std::int64_t> floor_of(const DecimalText& number);

// Returns the nearest double, or an infinity beyond the largest ones.
[[nodiscard]] double nearest_double(const DecimalText& number);

}  // namespace offloader::catalog
