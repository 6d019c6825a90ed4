#pragma once

#include <string_view>

#include "typed_value.h"

// Compares a decimal literal with a DECIMAL column exactly, although the column's type may not be able to
// hold the literal. Pure.
namespace offloader::query {

// Returns the Decimal to compare with instead of the literal: the literal itself if the column's scale can
// hold it; else for gte and lt the least multiple of the scale above it, and for gt and lte the greatest
// below it. No DECIMAL reaches 10^38, which stands for everything beyond. Text that is no literal is
// `unreadable`.
[[nodiscard]] TypedValue decimal_value(std::string_view text, catalog::DecimalSize column,
                                       catalog::FilterOp op);

}  // namespace offloader::query
