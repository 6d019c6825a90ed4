#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace offloader {

// Returns whether `text` is well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF). NUL is
// valid.
[[nodiscard]] bool is_utf8(std::string_view text);

// Returns `text`, or if it has more than `most` bytes, the characters that fit into `most` bytes and an
// ellipsis (three bytes more). Never cuts inside a character of UTF-8. Of other text, it may keep
// less than fits.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most);

}  // namespace offloader
