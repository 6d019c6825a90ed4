#include "text_places.h"

#include <algorithm>

namespace offloader::redaction {

std::size_t closing_quote(std::string_view text, std::size_t at, char quote, std::size_t backslashes) {
  // Each level of quoting doubles the number of backslashes and adds one.
  const auto closes = [](std::size_t count, std::size_t opened) {
    while (opened > 0 && count % 2 == 1) {
      count = (count - 1) / 2;
      opened = (opened - 1) / 2;
    }
    return count % 2 == 0;
  };
  std::size_t count = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++count;
      continue;
    }
    if (text[at] == quote && closes(count, backslashes)) {
      const bool doubled = quote == '\'' && backslashes == 0 && at + 1 < text.size() && text[at + 1] == '\'';
      if (!doubled) return at - std::min(count, backslashes);
      ++at;  // YAML writes a single quote as two
    }
    count = 0;
  }
  return text.size();
}

std::size_t close_of(std::string_view text, std::size_t close, char quote) {
  while (close < text.size() && text[close] != quote) ++close;
  return std::min(close + 1, text.size());
}

std::size_t line_end(std::string_view text, std::size_t at) {
  std::size_t end = std::min(text.find('\n', at), text.size());
  if (end < text.size() && end > at && text[end - 1] == '\r') --end;
  return end;
}

std::size_t word_end(std::string_view text, std::size_t at) {
  while (at < text.size() && static_cast<unsigned char>(text[at]) > ' ' && text[at] != '"' &&
         text[at] != '\'') {
    at += text[at] == '\\' && at + 1 < text.size() && text[at + 1] != '\n' ? 2 : 1;
  }
  return std::min(at, text.size());
}

std::size_t bracket_end(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at + 1;
    if (c == '"' || c == '\'') {
      at = closing_quote(text, at + 1, c, 0);
    }
  }
  return text.size();
}

}  // namespace offloader::redaction
