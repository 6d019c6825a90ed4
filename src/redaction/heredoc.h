#pragma once

#include <cstddef>
#include <string_view>

// Here-documents and here-strings of shells.
namespace offloader::redaction {

// The end of a here-document or here-string whose `<<` stands at `at`, behind its last line; `at` where
// there is none. One that is not closed goes to the end of the text.
[[nodiscard]] std::size_t heredoc_end(std::string_view text, std::size_t at);

// The end of a here-document that is the value at `value`, or, where the value is `assigned` in a shell,
// feeds the command that makes it: `TOKEN=$(cat <<EOF`. `value` where there is none.
[[nodiscard]] std::size_t heredoc_in(std::string_view text, std::size_t value, bool assigned);

}  // namespace offloader::redaction
