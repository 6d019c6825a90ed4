#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/catalog/param_value.h"
#include "offloader/query/plan.h"

// Converts the text of a param to the values that its conditions compare with (query-semantics.md). Pure.
namespace offloader::query {

using catalog::parse_integer;

enum class Fit {
  fits,
  never,       // no value of the column's type can meet it
  unreadable,  // not a value of the column's type; for `eq` and `in`, that is `never`
};

struct TypedValue {
  Fit fit = Fit::unreadable;
  Value value{Nothing{}};
};

// Of a literal that no value of the column equals: `ne` holds for all of them.
[[nodiscard]] TypedValue equals_none(catalog::FilterOp op);

// Reads a text as a value of the column's type, brought to it by the meaning of `op`: up for `gte`, down for
// `lte`, and to the nearest end of the type's range if everything or nothing is beyond it. `ne` that every
// value meets compares with Nothing. A date against a TIMESTAMP or TIMESTAMPTZ becomes a Date for `eq`, `ne`,
// `in` and `not_in`, and if `in_zone` (tests_for()) for all operators. Requires: `text` has passed the check
// of its param's type.
[[nodiscard]] TypedValue typed_value(std::string_view text, catalog::ParamType param,
                                     catalog::SizedType column, catalog::FilterOp op, bool in_zone = false);

// Appends one value for each test of tests_for() that is not Among. If the result is not `fits`, appends a
// placeholder of the column's type for each, so that values stay aligned with conditions.
[[nodiscard]] Fit append_values(std::vector<Value>& values, std::string_view text, catalog::ParamType param,
                                catalog::SizedType column, catalog::FilterOp op, bool in_zone = false);

}  // namespace offloader::query
