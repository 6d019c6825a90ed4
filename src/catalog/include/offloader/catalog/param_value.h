#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/catalog/column_type.h"
#include "offloader/catalog/param_type.h"

// How values of params and constants are written (query-semantics.md). Loading checks a contract's defaults,
// bounds and constants by these functions, and requests are checked by the same ones. Pure; any thread may
// call them.
namespace offloader::catalog {

// Parses a signed 64-bit integer in canonical decimal: an optional `-` and digits. Rejects `+5`, `007`, `-0`
// and the empty text, so that each number has one spelling.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

// Parses `true`, `false`, `1` or `0`; with `any_case` also `True`, `FALSE` and so on.
[[nodiscard]] std::optional<bool> parse_flag(std::string_view text, bool any_case);

// A point in time, in microseconds since 1970-01-01T00:00:00Z. `cut`: the text names a later instant within
// the microsecond.
struct Instant {
  std::int64_t micros = 0;
  bool cut = false;
};

// Parses a date and time of RFC 3339, in which the offset may be left out: then it is UTC.
[[nodiscard]] std::optional<Instant> parse_instant(std::string_view text);

// As parse_instant(), but also accepts the other forms of base/timestamp.h, such as a date alone.
[[nodiscard]] std::optional<Instant> parse_any_instant(std::string_view text);

// Parses a double as JSON answers write it, and also with a `+` or leading zeros. Rejects what is not finite.
[[nodiscard]] std::optional<double> parse_double(std::string_view text);

// Whether `text` is written as a value of the param type. Enums accept any text here: what they list is up to
// the param.
[[nodiscard]] bool is_value_of(ParamType type, std::string_view text);

// For people: `a date, YYYY-MM-DD`.
[[nodiscard]] std::string_view form_of(ParamType type);

// Whether a text can be read as a value of the column type: what constants and params of type string are
// compared as.
[[nodiscard]] bool readable_as(ColumnType type, std::string_view text);

// Compares two values of an integer, number, date or timestamp param. Requires: is_value_of() both.
[[nodiscard]] std::strong_ordering compare_values(ParamType type, std::string_view a, std::string_view b);

// Returns the number of characters (code points) of a text. Requires: it is UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view text);

}  // namespace offloader::catalog
