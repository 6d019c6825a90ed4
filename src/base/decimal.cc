#include "offloader/base/decimal.h"

#include <array>
#include <charconv>

#include "offloader/base/ascii.h"

namespace offloader {
namespace {

constexpr Int128 kBeyond = power_of_ten(kDecimalDigits);

// The digits of a literal on both sides of its point.
struct Digits {
  bool negative = false;
  std::string_view whole{};
  std::string_view fraction{};
};

std::optional<Digits> split(std::string_view text) {
  Digits out;
  if (text.starts_with('-') || text.starts_with('+')) {
    out.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  out.whole = text.substr(0, point);
  if (point != std::string_view::npos) out.fraction = text.substr(point + 1);
  for (const std::string_view part : {out.whole, out.fraction}) {
    for (const char c : part) {
      if (!ascii::is_digit(c)) return std::nullopt;
    }
  }
  return out;
}

// Returns the magnitude, rounded towards zero, or 10^38 if it is not below that.
DecimalReading magnitude(const Digits& digits, unsigned scale) {
  Int128 value = 0;
  bool beyond = false;
  const auto add = [&](char digit) {
    beyond = beyond || value >= kBeyond / 10;
    if (!beyond) value = value * 10 + (digit - '0');
  };
  for (const char digit : digits.whole) add(digit);
  for (unsigned i = 0; i < scale; ++i) add(i < digits.fraction.size() ? digits.fraction[i] : '0');
  if (beyond) return {kBeyond, false};
  bool exact = true;
  for (std::size_t i = scale; i < digits.fraction.size(); ++i) exact = exact && digits.fraction[i] == '0';
  return {value, exact};
}

}  // namespace

std::optional<DecimalReading> read_decimal(std::string_view text, unsigned scale) {
  const auto digits = split(text);
  if (!digits || digits->whole.empty()) return std::nullopt;
  if (digits->fraction.empty() && text.ends_with('.')) return std::nullopt;
  DecimalReading read = magnitude(*digits, scale);
  if (!digits->negative) return read;
  read.floor = read.exact ? -read.floor : -read.floor - 1;
  return read;
}

std::optional<Int128> parse_decimal(std::string_view text, unsigned precision, unsigned scale) {
  const auto digits = split(text);
  if (!digits || digits->whole.size() + digits->fraction.size() == 0) return std::nullopt;
  const DecimalReading read = magnitude(*digits, scale);
  if (!read.exact || read.floor >= power_of_ten(precision)) return std::nullopt;
  return digits->negative ? -read.floor : read.floor;
}

char* write_decimal(char* at, Int128 unscaled, unsigned scale) {
  std::array<char, kDecimalBytes> reversed;
  std::size_t count = 0;
  auto rest = static_cast<Uint128>(unscaled);
  if (unscaled < 0) {
    *at++ = '-';
    rest = -rest;
  }
  // Division of 128 bits is slow, so divide the usual numbers in 64.
  while (rest > UINT64_MAX) {
    reversed[count++] = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  auto small = static_cast<std::uint64_t>(rest);
  while (small > 0) {
    reversed[count++] = static_cast<char>('0' + small % 10);
    small /= 10;
  }
  while (count <= scale) reversed[count++] = '0';
  while (count > 0) {
    if (count == scale) *at++ = '.';
    *at++ = reversed[--count];
  }
  return at;
}

void append_decimal(std::string& out, Int128 unscaled, unsigned scale) {
  std::array<char, kDecimalBytes> text;
  out.append(text.data(), write_decimal(text.data(), unscaled, scale));
}

double double_of_decimal(Int128 unscaled, unsigned scale) {
  constexpr Int128 kExact = Int128{1} << 53;
  constexpr unsigned kExactPowers = 22;
  // The quotient of two exact doubles is rounded once.
  if (unscaled >= -kExact && unscaled <= kExact && scale <= kExactPowers)
    return static_cast<double>(unscaled) / static_cast<double>(power_of_ten(scale));
  std::array<char, kDecimalBytes> text;
  const char* const end = write_decimal(text.data(), unscaled, scale);
  double number = 0;
  std::from_chars(text.data(), end, number);
  return number;
}

}  // namespace offloader
