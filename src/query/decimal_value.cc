#include "decimal_value.h"

#include "offloader/base/decimal.h"

namespace offloader::query {

using catalog::FilterOp;

DecimalValue decimal_value(std::string_view text, catalog::DecimalSize column, FilterOp op) {
  const auto read = read_decimal(text, column.scale);
  if (!read) return {op == FilterOp::eq ? Fit::never : Fit::unreadable, {0, column.scale}};
  const Int128 greatest = power_of_ten(column.precision) - 1;
  Int128 value = read->floor;
  bool occurs = true;
  switch (op) {
    case FilterOp::eq:
      occurs = read->exact && value >= -greatest && value <= greatest;
      break;
    case FilterOp::gte:
      if (!read->exact) ++value;
      occurs = value <= greatest;
      if (value < -greatest) value = -greatest;
      break;
    case FilterOp::lte:
      occurs = value >= -greatest;
      if (value > greatest) value = greatest;
      break;
  }
  if (!occurs) return {Fit::never, {0, column.scale}};
  return {Fit::fits, {value, column.scale}};
}

}  // namespace offloader::query
