#pragma once

#include <optional>
#include <string>
#include <string_view>

// Base64 with `-` and `_` and without padding (RFC 4648, 5). Pure; any thread may call these functions.
namespace offloader {

[[nodiscard]] std::string to_base64url(std::string_view bytes);

// Returns nullopt for any other text, also for one with padding, spaces, or bits after the last byte that are
// not zero. So each sequence of bytes has one spelling.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

}  // namespace offloader
