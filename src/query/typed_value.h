#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"

// Converts the text of a param to the values that its conditions compare with (query-semantics.md). Pure.
namespace offloader::query {

// Parses a signed 64-bit integer in canonical decimal: an optional `-` and digits. Rejects `+5`, `007`, `-0`
// and the empty text, so that each number has one spelling.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

// The conditions for comparing a param of type `param` with a column of type `column` by `op`: one, or two if
// a date stands for a whole day of a TIMESTAMP or TIMESTAMPTZ.
struct Comparisons {
  Comparison first = Comparison::eq;
  std::optional<Comparison> second;
};
[[nodiscard]] Comparisons comparisons_for(catalog::ParamType param, catalog::ColumnType column,
                                          catalog::FilterOp op);

enum class Fit {
  fits,
  never,       // no value of the column's type can equal it
  unreadable,  // not a value of the column's type, which an ordering comparison requires
};

// Appends one value for each condition of comparisons_for(). Requires: `text` has passed the check of its
// param's type. If the result is not `fits`, appends a placeholder of the column's type for each, so that
// values stay aligned with conditions.
[[nodiscard]] Fit append_values(std::vector<Value>& values, std::string_view text, catalog::ParamType param,
                                catalog::SizedType column, catalog::FilterOp op);

}  // namespace offloader::query
