#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace offloader::duckdb {

// The document as written, when it is RFC 8259 text; with every NaN, Infinity and -Infinity outside of
// strings made null. Nothing for any other text, or nesting past 512 levels.
[[nodiscard]] std::optional<std::string> accept_json(std::string_view text);

}  // namespace offloader::duckdb
