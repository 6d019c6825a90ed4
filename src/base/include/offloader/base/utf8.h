#pragma once

#include <string_view>

namespace offloader {

// Returns whether `text` is well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF). NUL is
// valid.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace offloader
