#include "typed_value.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "decimal_value.h"
#include "offloader/base/timestamp.h"

namespace offloader::query {
namespace {

using catalog::ColumnType;
using catalog::FilterOp;
using catalog::ParamType;
using catalog::SizedType;

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;
constexpr double kTwoTo63 = 9223372036854775808.0;

Value placeholder(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return false;
    case ColumnType::integer:
    case ColumnType::bigint:
      return std::int64_t{0};
    case ColumnType::float64:
      return 0.0;
    case ColumnType::date:
      return Date{};
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      return Timestamp{};
    case ColumnType::decimal:
      return Decimal{};
    case ColumnType::uuid:
      return Uuid{};
    case ColumnType::varchar:
    case ColumnType::json:
      return std::string{};
  }
  return std::string{};
}

// Returns the double to compare with instead of `number`: a double is >= `number` exactly if it is >= the
// smallest double that is not below it, and likewise for <=. Returns nullopt for eq if `number` is not
// exactly a double: nothing equals it.
std::optional<Value> as_double(std::int64_t number, FilterOp op) {
  const auto nearest = static_cast<double>(number);
  // 2^63 is the only nearest double that cannot be converted back.
  const bool above = nearest >= kTwoTo63 || static_cast<std::int64_t>(nearest) > number;
  const bool below = !above && static_cast<std::int64_t>(nearest) < number;
  if (!above && !below) return nearest;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (op) {
    case FilterOp::eq:
      return std::nullopt;
    case FilterOp::gte:
      return below ? std::nextafter(nearest, kInfinity) : nearest;
    case FilterOp::lte:
      return above ? std::nextafter(nearest, -kInfinity) : nearest;
  }
  return std::nullopt;
}

std::optional<Value> read_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value == 0 ? 0.0 : value;  // -0 equals 0: one meaning needs one canonical form
}

std::optional<Value> read_text(std::string_view text, ColumnType column) {
  switch (column) {
    case ColumnType::boolean:
      if (text == "true") return true;
      if (text == "false") return false;
      return std::nullopt;
    case ColumnType::integer:
    case ColumnType::bigint:
      if (const auto number = parse_integer(text)) return *number;
      return std::nullopt;
    case ColumnType::float64:
      return read_double(text);
    case ColumnType::date:
      if (const auto days = parse_date(text)) return Date{*days};
      return std::nullopt;
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      if (const auto micros = parse_timestamp(text)) return Timestamp{*micros};
      return std::nullopt;
    case ColumnType::varchar:
      return std::string(text);
    case ColumnType::uuid:
      if (const auto uuid = parse_uuid(text)) return *uuid;
      return std::nullopt;
    case ColumnType::decimal:  // decimal_value.h
    case ColumnType::json:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Value> read(std::string_view text, ParamType param, ColumnType column, FilterOp op) {
  if (param == ParamType::integer && column == ColumnType::float64) {
    const auto number = parse_integer(text);
    return number ? as_double(*number, op) : std::nullopt;
  }
  // A valid date or integer is already in canonical form.
  return read_text(text, column);
}

bool names_day(ParamType param, ColumnType column) {
  return param == ParamType::date && (column == ColumnType::timestamp || column == ColumnType::timestamptz);
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

Comparisons comparisons_for(ParamType param, ColumnType column, FilterOp op) {
  switch (op) {
    case FilterOp::eq:
      if (names_day(param, column)) return {Comparison::ge, Comparison::lt};
      return {Comparison::eq, std::nullopt};
    case FilterOp::gte:
      return {Comparison::ge, std::nullopt};
    case FilterOp::lte:
      return {names_day(param, column) ? Comparison::lt : Comparison::le, std::nullopt};
  }
  return {};
}

Fit append_values(std::vector<Value>& values, std::string_view text, ParamType param, SizedType column,
                  FilterOp op) {
  if (column == ColumnType::decimal) {
    const DecimalValue found = decimal_value(text, column.size, op);
    values.emplace_back(found.value);
    return found.fit;
  }
  if (names_day(param, column)) {
    const auto days = parse_date(text);
    const std::int64_t midnight = days.value_or(0) * kMicrosPerDay;
    if (op != FilterOp::lte) values.emplace_back(Timestamp{midnight});
    if (op != FilterOp::gte) values.emplace_back(Timestamp{midnight + kMicrosPerDay});
    return days ? Fit::fits : Fit::unreadable;
  }
  if (auto value = read(text, param, column, op)) {
    values.push_back(std::move(*value));
    return Fit::fits;
  }
  values.push_back(placeholder(column));
  return op == FilterOp::eq ? Fit::never : Fit::unreadable;
}

}  // namespace offloader::query
