#include "heredoc.h"

#include <algorithm>

#include "text_places.h"

namespace offloader::redaction {
namespace {

constexpr std::size_t kLongestCommand = 256;  // bytes of a command that are searched for `<<`

}  // namespace

std::size_t heredoc_end(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("<<")) return at;
  std::size_t begin = at + 2;
  if (begin < text.size() && text[begin] == '<') {  // a here-string: one word
    begin = std::min(text.find_first_not_of(" \t<", begin), text.size());
    const bool quoted = begin < text.size() && (text[begin] == '"' || text[begin] == '\'');
    if (!quoted) return word_end(text, begin);
    return std::min(closing_quote(text, begin + 1, text[begin], 0) + 1, text.size());
  }
  while (begin < text.size() && std::string_view("-~ \t\"'\\").find(text[begin]) != kNone) ++begin;
  std::size_t end = begin;
  while (end < text.size() && (is_alnum(text[end]) || text[end] == '_')) ++end;
  if (end == begin) return at;
  const std::string_view word = text.substr(begin, end - begin);
  std::size_t line = text.find('\n', end);
  while (line != kNone) {
    std::size_t next = line + 1;
    while (next < text.size() && is_blank(text[next])) ++next;
    const std::size_t stop = next + word.size();
    if (text.substr(next).starts_with(word) && (stop >= text.size() || !is_name_letter(text[stop])))
      return stop;
    line = text.find('\n', line + 1);
  }
  return text.size();
}

std::size_t heredoc_in(std::string_view text, std::size_t value, bool assigned) {
  if (const std::size_t end = heredoc_end(text, value); end > value) return end;
  if (!assigned) return value;
  std::size_t command = value;
  if (command < text.size() && text[command] == '"') ++command;
  if (!text.substr(command).starts_with("$(") && !text.substr(command).starts_with("`")) return value;
  const std::string_view line =
      text.substr(command, std::min(line_end(text, command) - command, kLongestCommand));
  const std::size_t mark = line.find("<<");
  if (mark == kNone) return value;
  const std::size_t end = heredoc_end(text, command + mark);
  return end > command + mark ? end : value;
}

}  // namespace offloader::redaction
