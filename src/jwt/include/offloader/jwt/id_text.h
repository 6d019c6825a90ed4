#pragma once

#include <string_view>

namespace offloader::jwt {

// Returns whether a text can name a subject or a tenant: it is not empty and has no NUL.
[[nodiscard]] constexpr bool is_id_text(std::string_view text) {
  return !text.empty() && text.find('\0') == std::string_view::npos;
}

}  // namespace offloader::jwt
