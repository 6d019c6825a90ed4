#pragma once

#include <cstddef>
#include <string_view>

#include "steps.h"

// Where the parts of a text end. Each takes the whole text and a place in it, and returns a place, at most
// the text's size.
namespace offloader::redaction {

inline constexpr auto kNone = std::string_view::npos;

// A letter of a field's name.
[[nodiscard]] constexpr bool is_name_letter(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

// The end of a quoted text that `quote` opened after `backslashes` of them: the place of the backslashes and
// the quote that close it, or the end of the text.
[[nodiscard]] std::size_t closing_quote(std::string_view text, std::size_t at, char quote,
                                        std::size_t backslashes);

// Behind the next `quote` from `close` on.
[[nodiscard]] std::size_t close_of(std::string_view text, std::size_t close, char quote);

// The end of the line, without its CR.
[[nodiscard]] std::size_t line_end(std::string_view text, std::size_t at);

// The end of a word of a command line: white space and quotes end it, unless a backslash stands before them.
[[nodiscard]] std::size_t word_end(std::string_view text, std::size_t at);

// Behind the bracket that closes the one at `at`; brackets inside of quotes do not count.
[[nodiscard]] std::size_t bracket_end(std::string_view text, std::size_t at);

}  // namespace offloader::redaction
