#pragma once

#include <cstddef>
#include <string_view>

#include "steps.h"

// Finds the ends of parts of a text. Each function takes the whole text and a position in it, and returns a
// position that is at most the size of the text.
namespace offloader::redaction {

inline constexpr auto kNone = std::string_view::npos;

// Whether a field name may contain the byte.
[[nodiscard]] constexpr bool is_name_letter(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

// The end of a quoted text that begins at `at`, after an opening `quote` with `backslashes` backslashes
// before it. Returns the position of the closing quote or of its backslashes, or the end of the text.
[[nodiscard]] std::size_t closing_quote(std::string_view text, std::size_t at, char quote,
                                        std::size_t backslashes);

// The position after the next `quote`, starting from `close`.
[[nodiscard]] std::size_t close_of(std::string_view text, std::size_t close, char quote);

// The end of the line, before its CR or LF.
[[nodiscard]] std::size_t line_end(std::string_view text, std::size_t at);

// The end of a word of a command line. White space and quotes end it unless a backslash precedes them.
[[nodiscard]] std::size_t word_end(std::string_view text, std::size_t at);

// The position after the bracket that closes the one at `at`. Ignores brackets inside quotes.
[[nodiscard]] std::size_t bracket_end(std::string_view text, std::size_t at);

}  // namespace offloader::redaction
