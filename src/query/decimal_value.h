#pragma once

#include <string_view>

#include "typed_value.h"

// Compares a decimal literal with a DECIMAL column exactly, although the column's type may not be able to
// hold the literal. Pure.
namespace offloader::query {

struct DecimalValue {
  Fit fit = Fit::fits;
  Decimal value{};  // of the column's scale and within its digits; zero unless `fit` is `fits`
};

// Returns the value of a DECIMAL of this size to compare with instead of the literal: the literal itself if
// it is one; for gte the least value above it, and for lte the greatest below it. Beyond the digits of the
// type, that is its greatest or least value, or `never` if no value of the type can match. Text that is no
// literal is `never` for eq, like every value that cannot occur, and `unreadable` for the others.
[[nodiscard]] DecimalValue decimal_value(std::string_view text, catalog::DecimalSize column,
                                         catalog::FilterOp op);

}  // namespace offloader::query
