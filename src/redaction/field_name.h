#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace offloader::redaction {

// What stands before a `:` or `=`.
struct FieldName {
  std::string text;       // escapes decoded; empty without a name
  std::size_t begin = 0;  // of the name, its quote included
  char quote = '\0';      // that closes right before the separator
  char opened_by = '\0';  // a quote that stands before the name and is still open
};

// The name before `separator`: on its line, which begins at `line_begin`, and not before `done`; or a YAML
// `? name` on the line before, when nothing but the separator starts this one.
[[nodiscard]] FieldName name_before(std::string_view text, std::size_t separator, std::size_t line_begin,
                                    std::size_t done);

}  // namespace offloader::redaction
