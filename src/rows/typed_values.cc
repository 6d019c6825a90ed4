#include "offloader/rows/typed_values.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "offloader/base/decimal.h"

namespace offloader::rows {
namespace {

using catalog::ColumnType;

// An integer or a decimal of a batch: the unscaled value, and the digits after its point.
struct Exact {
  Int128 unscaled = 0;
  unsigned scale = 0;
};

constexpr Int128 kBeyondDecimals = power_of_ten(kDecimalDigits);

std::optional<Exact> number_at(const Column& column, std::size_t row) {
  switch (column.kind) {
    case Kind::int32:
      return Exact{column.at<std::int32_t>(row)};
    case Kind::int64:
      return Exact{column.at<std::int64_t>(row)};
    case Kind::int128:
      return Exact{column.at<Wide>(row).number()};
    case Kind::decimal:
      return Exact{column.at<Wide>(row).number(), column.scale};
    case Kind::float64: {
      const double value = column.at<double>(row);
      // Also false for NaN.
      const bool whole = std::abs(value) < 1e38 && std::trunc(value) == value;
      return whole ? std::optional(Exact{static_cast<Int128>(value)}) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

// Returns the number with another scale; nullopt if that needs more than 38 digits or loses some.
std::optional<Int128> with_scale(Exact number, unsigned scale) {
  if (number.scale <= scale) {
    const Int128 factor = power_of_ten(scale - number.scale);
    const Int128 most = (kBeyondDecimals - 1) / factor;
    if (number.unscaled > most || number.unscaled < -most) return std::nullopt;
    return number.unscaled * factor;
  }
  const Int128 divisor = power_of_ten(number.scale - scale);
  if (number.unscaled % divisor != 0) return std::nullopt;
  return number.unscaled / divisor;
}

// The greatest unscaled value of the type; the least is its negation, for integers one less.
Int128 most_of(catalog::SizedType type) {
  if (type == ColumnType::integer) return std::numeric_limits<std::int32_t>::max();
  if (type == ColumnType::bigint) return std::numeric_limits<std::int64_t>::max();
  return power_of_ten(type.size.precision) - 1;
}

}  // namespace

bool is_text(ColumnType type) {
  return type == ColumnType::varchar || type == ColumnType::uuid || type == ColumnType::json;
}

bool is_stored_as(const Column& column, catalog::SizedType type) {
  switch (type.type) {
    case ColumnType::boolean:
      return column.kind == Kind::boolean;
    case ColumnType::integer:
      return column.kind == Kind::int32;
    case ColumnType::bigint:
      return column.kind == Kind::int64;
    case ColumnType::float64:
      return column.kind == Kind::float64;
    case ColumnType::date:
      return column.kind == Kind::date;
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      return column.kind == Kind::timestamp || column.kind == Kind::timestamptz;
    case ColumnType::decimal:
      return (column.kind == Kind::decimal && column.scale == type.size.scale) ||
             (column.kind == Kind::int128 && type.size.scale == 0);
    default:
      return false;
  }
}

std::size_t stored_bytes(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return sizeof(bool);
    case ColumnType::integer:
    case ColumnType::date:
      return sizeof(std::int32_t);
    case ColumnType::decimal:
      return sizeof(Wide);
    default:
      return sizeof(std::int64_t);
  }
}

std::optional<Int128> exact_at(const Column& column, std::size_t row, catalog::SizedType type) {
  const std::optional<Exact> number = number_at(column, row);
  const std::optional<Int128> unscaled = number ? with_scale(*number, type.size.scale) : std::nullopt;
  const Int128 most = most_of(type);
  const Int128 least = type == ColumnType::decimal ? -most : -most - 1;
  return unscaled && *unscaled >= least && *unscaled <= most ? unscaled : std::nullopt;
}

Error value_refused(catalog::SizedType type) {
  return {ErrorCode::internal,
          "A value does not fit the type that the answer has in this format. Ask for JSON, NDJSON or CSV.",
          "the snapshot stores a wider type than " + catalog::name_of(type)};
}

double double_at(const Column& column, std::size_t row) {
  if (column.kind == Kind::float64) return column.at<double>(row);
  const std::optional<Exact> number = number_at(column, row);
  return number ? double_of_decimal(number->unscaled, number->scale) : 0;
}

}  // namespace offloader::rows
