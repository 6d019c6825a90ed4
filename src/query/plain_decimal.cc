#include "plain_decimal.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace offloader::query {
namespace {

constexpr std::int64_t kMostDigits = 400;  // a double has at most 309 before the point

}  // namespace

std::string plain_decimal(std::string_view number) {
  std::string_view rest = number;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const std::size_t mark = std::min(rest.find_first_of("eE"), rest.size());
  std::int64_t exponent = 0;
  if (mark < rest.size()) {
    std::string_view digits = rest.substr(mark + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (error != std::errc{} || exponent > kMostDigits || exponent < -kMostDigits) return std::string(number);
  }
  const std::string_view mantissa = rest.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::string digits(mantissa.substr(0, point));
  if (point < mantissa.size()) digits.append(mantissa.substr(point + 1));
  // The value is 0.{digits} times ten to the power of `scale`.
  auto scale = static_cast<std::int64_t>(point) + exponent;
  const std::size_t leading = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, leading);
  scale -= static_cast<std::int64_t>(leading);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.empty()) return "0";

  const auto size = static_cast<std::int64_t>(digits.size());
  if (std::max(scale, size) - std::min<std::int64_t>(scale, 0) > kMostDigits) return std::string(number);
  std::string out(negative ? "-" : "");
  if (scale <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-scale), '0').append(digits);
  } else if (scale >= size) {
    out.append(digits).append(static_cast<std::size_t>(scale - size), '0');
  } else {
    const auto whole = static_cast<std::size_t>(scale);
    out.append(digits, 0, whole).append(".").append(digits, whole);
  }
  return out;
}

}  // namespace offloader::query
