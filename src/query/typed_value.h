#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"

// From the text of a param to the values that its conditions compare with (query-semantics.md). Pure.
namespace offloader::query {

// A signed 64-bit integer in canonical decimal: an optional `-` and digits, nothing else. `+5`, `007`, `-0`
// and the empty text are refused, so that one number has one spelling.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

// What comparing a param of type `param` with a column of type `column` by `op` needs: one condition, or two
// where a date names a whole day of a TIMESTAMP.
struct Comparisons {
  Comparison first = Comparison::eq;
  std::optional<Comparison> second;
};
[[nodiscard]] Comparisons comparisons_for(catalog::ParamType param, catalog::ColumnType column,
                                          catalog::FilterOp op);

enum class Fit {
  fits,
  never,       // no value of the column's type can equal it
  unreadable,  // the column's type cannot hold it, and order needs that it does
};

// Appends one value for each of comparisons_for. `text` has passed its param's own type check. When it is not
// `fits`, a placeholder of the column's type is appended for each, so that values keep their places.
[[nodiscard]] Fit append_values(std::vector<Value>& values, std::string_view text, catalog::ParamType param,
                                catalog::ColumnType column, catalog::FilterOp op);

}  // namespace offloader::query
