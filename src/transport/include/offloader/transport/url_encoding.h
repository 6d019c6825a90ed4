#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace offloader::transport {

// Percent-encodes as Signature V4 requires: all bytes but `A-Z a-z 0-9 - _ . ~`, in uppercase hex.
// encode_path also keeps `/`.
[[nodiscard]] std::string encode_path(std::string_view key);
[[nodiscard]] std::string encode_component(std::string_view text);

// Joins encoded name=value pairs with `&`, sorted by encoded name; an empty value is written as `name=`.
using Query = std::map<std::string, std::string>;
[[nodiscard]] std::string encode_query(const Query& query);

// Decodes percent-encoding. Returns nullopt for a broken escape. Listings and forms need `plus_is_space`.
[[nodiscard]] std::optional<std::string> decode(std::string_view text, bool plus_is_space);

}  // namespace offloader::transport
