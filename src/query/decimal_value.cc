#include "decimal_value.h"

#include <algorithm>

#include "offloader/base/decimal.h"

namespace offloader::query {

using catalog::FilterOp;

TypedValue decimal_value(std::string_view text, catalog::DecimalSize column, FilterOp op) {
  constexpr Int128 kBeyond = power_of_ten(kDecimalDigits);
  const auto read = read_decimal(text, column.scale);
  if (!read) return {};
  Int128 value = read->floor;
  switch (op) {
    case FilterOp::gt:
    case FilterOp::lte:
      break;
    case FilterOp::gte:
    case FilterOp::lt:
      if (!read->exact) ++value;
      break;
    default:
      if (!read->exact) return equals_none(op);
      break;
  }
  return {Fit::fits, Decimal{std::clamp(value, -kBeyond, kBeyond), column.scale}};
}

}  // namespace offloader::query
