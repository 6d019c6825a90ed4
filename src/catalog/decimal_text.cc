#include "offloader/catalog/decimal_text.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "offloader/base/ascii.h"

namespace offloader::catalog {
namespace {

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), ascii::is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

std::strong_ordering compare_sizes(const DecimalText& a, const DecimalText& b) {
  if (a.whole.size() != b.whole.size()) return a.whole.size() <=> b.whole.size();
  if (a.whole != b.whole) return a.whole <=> b.whole;
  // Without trailing zeros, fractions sort as their digits do.
  return a.fraction <=> b.fraction;
}

}  // namespace

std::optional<DecimalText> parse_decimal(std::string_view text, DecimalForm form) {
  DecimalText number;
  if (!text.empty() && (text.front() == '-' || (text.front() == '+' && form == DecimalForm::lenient))) {
    number.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  number.whole = take_digits(text);
  if (number.whole.empty()) return std::nullopt;
  if (form == DecimalForm::strict && number.whole.size() > 1 && number.whole.front() == '0')
    return std::nullopt;
  number.whole.remove_prefix(std::min(number.whole.find_first_not_of('0'), number.whole.size()));
  if (!text.empty()) {
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
    number.fraction = take_digits(text);
    if (number.fraction.empty() || !text.empty()) return std::nullopt;
    // npos + 1 is 0: a fraction of zeros is none.
    number.fraction = number.fraction.substr(0, number.fraction.find_last_not_of('0') + 1);
  }
  if (number.whole.empty() && number.fraction.empty()) number.negative = false;
  return number;
}

std::strong_ordering compare(const DecimalText& a, const DecimalText& b) {
  if (a.negative != b.negative)
    return a.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  return a.negative ? compare_sizes(b, a) : compare_sizes(a, b);
}

std::string to_text(const DecimalText& number) {
  std::string text = number.negative ? "-" : "";
  text += number.whole.empty() ? std::string_view("0") : number.whole;
  if (!number.fraction.empty()) text.append(".").append(number.fraction);
  return text;
}

std::optional<std::int64_t> floor_of(const DecimalText& number) {
  using Limits = std::numeric_limits<std::int64_t>;
  constexpr auto kMost = static_cast<std::uint64_t>(Limits::max());
  std::uint64_t size = 0;
  if (!number.whole.empty()) {
    const auto [end, error] =
        std::from_chars(number.whole.data(), number.whole.data() + number.whole.size(), size);
    if (error != std::errc{}) return std::nullopt;
  }
  if (!number.negative) return size <= kMost ? std::optional(static_cast<std::int64_t>(size)) : std::nullopt;
  if (!number.fraction.empty()) {
    if (size > kMost) return std::nullopt;
    ++size;
  }
  if (size > kMost + 1) return std::nullopt;
  return static_cast<std::int64_t>(0 - size);
}

double nearest_double(const DecimalText& number) {
  const std::string text = to_text(number);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{}) return value == 0 ? 0.0 : value;
  // Out of range: either above every double, or too small to differ from zero.
  if (number.whole.empty()) return 0.0;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return number.negative ? -kInfinity : kInfinity;
}

}  // namespace offloader::catalog
