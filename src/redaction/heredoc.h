#pragma once

#include <cstddef>
#include <string_view>

// Finds the ends of here-documents and here-strings of shells.
namespace offloader::redaction {

// Returns the end of the here-document (after its closing word) or here-string whose `<<` is at `at`. Returns
// `at` if there is none, and the end of the text if it is not closed.
[[nodiscard]] std::size_t heredoc_end(std::string_view text, std::size_t at);

// Returns the end of the here-document at `value`. If the value is `assigned` in a shell, the here-document
// may also be the input of a command: `TOKEN=$(cat <<EOF`. Returns `value` if there is none.
[[nodiscard]] std::size_t heredoc_in(std::string_view text, std::size_t value, bool assigned);

}  // namespace offloader::redaction
