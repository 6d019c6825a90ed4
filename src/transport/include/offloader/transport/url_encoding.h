#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace offloader::transport {

// Percent-encoding as Signature V4 wants it: all but `A-Z a-z 0-9 - _ . ~`, uppercase hex; `/` stays in a
// path.
[[nodiscard]] std::string encode_path(std::string_view key);
[[nodiscard]] std::string encode_component(std::string_view text);

// name=value pairs sorted by encoded name, `name=` for an empty value.
using Query = std::map<std::string, std::string>;
[[nodiscard]] std::string encode_query(const Query& query);

// Undoes percent-encoding; nothing for a broken escape. `plus_is_space` as in listings and forms.
[[nodiscard]] std::optional<std::string> decode(std::string_view text, bool plus_is_space);

}  // namespace offloader::transport
