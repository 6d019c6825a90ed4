#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace offloader::jwt {

// Parses a JSON object in UTF-8. Returns nullopt for any other text, also for one with a byte order mark,
// with more than 32 levels, or with a member that is named twice at any depth: two readers of such a text may
// see different values (RFC 8725, 2.4). Bounded by the size of the text, which the caller limits.
[[nodiscard]] std::optional<nlohmann::json> parse_object(std::string_view text);

// Returns the string member of an object; nullptr if it is absent or of another type.
[[nodiscard]] const std::string* string_in(const nlohmann::json& object, const char* name);

}  // namespace offloader::jwt
