#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace offloader::duckdb {

// Returns an RFC 8259 document as written, except that non-finite numbers outside of strings (NaN, Infinity,
// -Infinity; nan, inf, -inf, -NaN, -nan) become null. Returns nullopt for any other text and for nesting
// deeper than 512 levels. Thread-safe.
[[nodiscard]] std::optional<std::string> accept_json(std::string_view text);

}  // namespace offloader::duckdb
