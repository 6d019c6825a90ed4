#include "typed_value.h"

#include <cmath>
#include <limits>
#include <string>

#include "decimal_value.h"
#include "filter_conditions.h"
#include "offloader/base/timestamp.h"
#include "offloader/catalog/decimal_text.h"
#include "offloader/query/bucket.h"

namespace offloader::query {
namespace {

using catalog::ColumnType;
using catalog::DecimalText;
using catalog::FilterOp;
using catalog::Instant;
using catalog::ParamType;
using catalog::SizedType;

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TypedValue fitting(Value value) {
  return {Fit::fits, std::move(value)};
}

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
// smallest double that is not below it, and likewise for <=. If `number` is not exactly a double, nothing
// equals it.
TypedValue as_double(std::int64_t number, FilterOp op) {
  const auto nearest = static_cast<double>(number);
  // 2^63 is the only nearest double that cannot be converted back.
  const bool above = nearest >= kTwoTo63 || static_cast<std::int64_t>(nearest) > number;
  const bool below = !above && static_cast<std::int64_t>(nearest) < number;
  if (!above && !below) return fitting(nearest);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double up = below ? std::nextafter(nearest, kInfinity) : nearest;
  const double down = above ? std::nextafter(nearest, -kInfinity) : nearest;
  switch (op) {
    case FilterOp::gte:
    case FilterOp::lt:
      return fitting(up);
    case FilterOp::lte:
    case FilterOp::gt:
      return fitting(down);
    default:
      return equals_none(op);
  }
}

TypedValue as_double(const DecimalText& number, FilterOp op) {
  const double nearest = nearest_double(number);
  const bool ordered =
      op != FilterOp::eq && op != FilterOp::ne && op != FilterOp::in && op != FilterOp::not_in;
  return std::isfinite(nearest) || ordered ? fitting(nearest) : equals_none(op);
}

// Against an integer column, `gt` is told by `>=` of the next integer and `lt` by `<=` of the one before
// (filter_conditions.cc).
TypedValue as_integer(const DecimalText& number, FilterOp op) {
  const auto floor = floor_of(number);
  const bool exact = number.fraction.empty();
  const bool too_small = !floor && number.negative;
  const bool too_large = !floor && !number.negative;
  switch (op) {
    case FilterOp::gt:
    case FilterOp::gte: {
      if (too_small) return fitting(kLeast);
      const bool next = op == FilterOp::gt || !exact;
      if (too_large || (next && *floor == kMost)) return {Fit::never, Nothing{}};
      return fitting(*floor + (next ? 1 : 0));
    }
    case FilterOp::lt:
    case FilterOp::lte: {
      if (too_large) return fitting(kMost);
      const bool before = op == FilterOp::lt && exact;
      if (too_small || (before && *floor == kLeast)) return {Fit::never, Nothing{}};
      return fitting(*floor - (before ? 1 : 0));
    }
    default:
      return floor && exact ? fitting(*floor) : equals_none(op);
  }
}

TypedValue as_timestamp(const std::optional<Instant>& instant, FilterOp op) {
  if (!instant) return {};
  const bool up = instant->cut && (op == FilterOp::gte || op == FilterOp::lt);
  if (up) return fitting(Timestamp{instant->micros + 1});
  const bool ordered = op == FilterOp::gt || op == FilterOp::lte || op == FilterOp::gte || op == FilterOp::lt;
  return !instant->cut || ordered ? fitting(Timestamp{instant->micros}) : equals_none(op);
}

TypedValue read_day(std::string_view text, FilterOp op) {
  const auto days = parse_date(text);
  if (!days) return {};
  const std::int64_t midnight = *days * kMicrosPerDay;
  switch (op) {
    case FilterOp::gte:
    case FilterOp::lt:
      return fitting(Timestamp{midnight});
    case FilterOp::gt:
    case FilterOp::lte:
      return fitting(Timestamp{midnight + kMicrosPerDay});
    default:
      return fitting(Date{*days});
  }
}

TypedValue read_number(const std::optional<DecimalText>& number, ColumnType column, FilterOp op) {
  if (!number) return {};
  return column == ColumnType::float64 ? as_double(*number, op) : as_integer(*number, op);
}

TypedValue read_text(std::string_view text, SizedType column, FilterOp op) {
  switch (column.type) {
    case ColumnType::boolean:
      if (const auto flag = catalog::parse_flag(text, true)) return fitting(*flag);
      return {};
    case ColumnType::integer:
    case ColumnType::bigint:
      if (text.find('.') != std::string_view::npos) return {};
      return read_number(catalog::parse_decimal(text, catalog::DecimalForm::lenient), column, op);
    case ColumnType::float64:
      if (const auto number = catalog::parse_double(text)) return fitting(*number);
      return {};
    case ColumnType::date:
      if (const auto days = parse_date(text)) return fitting(Date{*days});
      return {};
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      return as_timestamp(catalog::parse_any_instant(text), op);
    case ColumnType::varchar:
      return fitting(std::string(text));
    case ColumnType::uuid:
      if (const auto uuid = parse_uuid(text)) return fitting(*uuid);
      return {};
    case ColumnType::decimal:
      return decimal_value(text, column.size, op);
    case ColumnType::json:
      return {};
  }
  return {};
}

}  // namespace

TypedValue equals_none(FilterOp op) {
  return {op == FilterOp::ne ? Fit::fits : Fit::never, Nothing{}};
}

TypedValue typed_value(std::string_view text, ParamType param, SizedType column, FilterOp op, bool in_zone) {
  if (catalog::row_of(op).operand == catalog::Operand::flag) {
    const auto flag = catalog::parse_flag(text, true);
    return flag ? fitting(*flag) : TypedValue{};
  }
  if (names_day(param, column)) return read_day(text, in_zone ? FilterOp::eq : op);
  if (column == ColumnType::decimal) return decimal_value(text, column.size, op);
  if (param == ParamType::number) {
    return read_number(catalog::parse_decimal(text, catalog::DecimalForm::strict), column, op);
  }
  if (param == ParamType::integer && column != ColumnType::varchar) {
    const auto number = parse_integer(text);
    if (!number) return {};
    return column == ColumnType::float64 ? as_double(*number, op) : fitting(*number);
  }
  // A valid date or integer is already in canonical form.
  return read_text(text, column, op);
}

Fit append_values(std::vector<Value>& values, std::string_view text, ParamType param, SizedType column,
                  FilterOp op, bool in_zone) {
  if (names_day(param, column) && op == FilterOp::eq && !in_zone) {
    const auto days = parse_date(text);
    const std::int64_t midnight = days.value_or(0) * kMicrosPerDay;
    values.emplace_back(Timestamp{midnight});
    values.emplace_back(Timestamp{midnight + kMicrosPerDay});
    return days ? Fit::fits : Fit::unreadable;
  }
  TypedValue read = typed_value(text, param, column, op, in_zone);
  if (read.fit == Fit::fits) {
    values.push_back(std::move(read.value));
    return Fit::fits;
  }
  values.push_back(placeholder(column));
  return op == FilterOp::eq ? Fit::never : read.fit;
}

}  // namespace offloader::query
