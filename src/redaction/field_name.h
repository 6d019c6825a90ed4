#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace offloader::redaction {

// The name before a `:` or `=`.
struct FieldName {
  std::string text;       // escapes decoded; empty if there is no name
  std::size_t begin = 0;  // of the name, including its quote
  char quote = '\0';      // the quote around the name, if it closes before the separator
  char opened_by = '\0';  // a quote directly before the name that is still open
};

// Returns the name before `separator`. The name is on the same line, which begins at `line_begin`, and not
// before `done`. If only blanks precede the separator, it is the YAML key `? name` of the previous line.
[[nodiscard]] FieldName name_before(std::string_view text, std::size_t separator, std::size_t line_begin,
                                    std::size_t done);

}  // namespace offloader::redaction
