#include "offloader/catalog/param_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "offloader/base/ascii.h"
#include "offloader/base/timestamp.h"
#include "offloader/base/uuid.h"
#include "offloader/catalog/decimal_text.h"

namespace offloader::catalog {
namespace {

constexpr std::size_t kSeconds = 19;  // of YYYY-MM-DDTHH:MM:SS

bool equals(std::string_view text, std::string_view word, bool any_case) {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool upper = any_case && text[i] >= 'A' && text[i] <= 'Z';
    if ((upper ? static_cast<char>(text[i] - 'A' + 'a') : text[i]) != word[i]) return false;
  }
  return true;
}

// Whether the fraction has digits other than zero after the sixth.
bool is_cut(std::string_view text) {
  if (text.size() <= kSeconds || (text[kSeconds] != '.' && text[kSeconds] != ',')) return false;
  std::size_t digit = 1;
  for (std::size_t i = kSeconds + 1; i < text.size() && ascii::is_digit(text[i]); ++i, ++digit) {
    if (digit > 6 && text[i] != '0') return true;
  }
  return false;
}

// The forms that base/timestamp.h reads and RFC 3339 does not have: a date alone, no seconds, a comma, and
// offsets other than `Z` and `+hh:mm`.
bool is_rfc3339(std::string_view text) {
  if (text.size() < kSeconds || text[16] != ':') return false;
  std::string_view rest = text.substr(kSeconds);
  if (rest.starts_with(',')) return false;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    while (!rest.empty() && ascii::is_digit(rest.front())) rest.remove_prefix(1);
  }
  return rest.empty() || rest == "Z" || rest == "z" || (rest.size() == 6 && rest[3] == ':');
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || (digits.front() == '0' && text.size() > 1)) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> parse_flag(std::string_view text, bool any_case) {
  if (text == "1" || equals(text, "true", any_case)) return true;
  if (text == "0" || equals(text, "false", any_case)) return false;
  return std::nullopt;
}

std::optional<Instant> parse_instant(std::string_view text) {
  return is_rfc3339(text) ? parse_any_instant(text) : std::nullopt;
}

std::optional<Instant> parse_any_instant(std::string_view text) {
  const auto micros = parse_timestamp(text);
  return micros ? std::optional(Instant{*micros, is_cut(text)}) : std::nullopt;
}

std::optional<double> parse_double(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value == 0 ? 0.0 : value;  // -0 equals 0: one meaning needs one canonical form
}

bool is_value_of(ParamType type, std::string_view text) {
  switch (type) {
    case ParamType::string:
    case ParamType::enumeration:
      return true;
    case ParamType::integer:
      return parse_integer(text).has_value();
    case ParamType::number:
      return parse_decimal(text, DecimalForm::strict).has_value();
    case ParamType::boolean:
      return parse_flag(text, false).has_value();
    case ParamType::date:
      return parse_date(text).has_value();
    case ParamType::timestamp:
      return parse_instant(text).has_value();
  }
  return false;
}

std::string_view form_of(ParamType type) {
  switch (type) {
    case ParamType::string:
    case ParamType::enumeration:
      return "text";
    case ParamType::integer:
      return "an integer";
    case ParamType::number:
      return "a decimal number";
    case ParamType::boolean:
      return "true or false";
    case ParamType::date:
      return "a date, YYYY-MM-DD";
    case ParamType::timestamp:
      return "a timestamp, YYYY-MM-DDTHH:MM:SSZ";
  }
  return "";
}

bool readable_as(ColumnType type, std::string_view text) {
  switch (type) {
    case ColumnType::boolean:
      return parse_flag(text, true).has_value();
    case ColumnType::integer:
    case ColumnType::bigint: {
      const auto number = parse_decimal(text, DecimalForm::lenient);
      return number && text.find('.') == std::string_view::npos;
    }
    case ColumnType::float64:
      return parse_double(text).has_value();
    case ColumnType::date:
      return parse_date(text).has_value();
    case ColumnType::decimal:
      return parse_decimal(text, DecimalForm::lenient).has_value();
    case ColumnType::uuid:
      return parse_uuid(text).has_value();
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      return parse_any_instant(text).has_value();
    case ColumnType::varchar:
      return true;
    case ColumnType::json:
      return false;
  }
  return false;
}

std::size_t count_characters(std::string_view text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

std::strong_ordering compare_values(ParamType type, std::string_view a, std::string_view b) {
  switch (type) {
    case ParamType::integer:
    case ParamType::number: {
      const auto left = parse_decimal(a, DecimalForm::strict);
      const auto right = parse_decimal(b, DecimalForm::strict);
      return left && right ? compare(*left, *right) : std::strong_ordering::equal;
    }
    case ParamType::timestamp: {
      const auto left = parse_instant(a);
      const auto right = parse_instant(b);
      if (!left || !right) return std::strong_ordering::equal;
      return left->micros != right->micros ? left->micros <=> right->micros : left->cut <=> right->cut;
    }
    case ParamType::string:
    case ParamType::enumeration:
    case ParamType::boolean:
    case ParamType::date:
      break;
  }
  return a <=> b;  // dates have one form of fixed width
}

}  // namespace offloader::catalog
