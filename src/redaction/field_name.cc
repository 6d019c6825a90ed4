#include "field_name.h"

#include <algorithm>

#include "text_places.h"

namespace offloader::redaction {
namespace {

constexpr std::size_t kLongestName = 128;

// Decodes `\u0070` and `\x70` in a name, and drops other backslashes. Keeps the low byte of each code, which
// suffices for ASCII.
std::string decode_escapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digits = text[i] != '\\' || i + 1 == text.size() ? 0
                               : text[i + 1] == 'u'                    ? 4
                               : text[i + 1] == 'x'                    ? 2
                                                                       : 0;
    const std::string_view code = digits == 0 ? std::string_view{} : text.substr(i + 2).substr(0, digits);
    if (code.size() == digits && digits > 0 && std::all_of(code.begin(), code.end(), is_hex)) {
      out += static_cast<char>(ascii::hex_value(code[digits - 2]) * 16 + ascii::hex_value(code[digits - 1]));
      i += 1 + digits;
    } else if (text[i] != '\\') {
      out += text[i];
    }
  }
  return out;
}

// Returns the YAML key `? name` of the previous line. The current line has only blanks before its separator.
FieldName explicit_key(std::string_view text, std::size_t separator, std::size_t line_begin,
                       std::size_t done) {
  FieldName name;
  name.begin = separator;
  if (line_begin == 0 || line_begin <= done) return name;
  const std::size_t end = line_begin - 1;
  std::size_t begin = end == 0 ? 0 : text.rfind('\n', end - 1);
  begin = begin == kNone ? 0 : begin + 1;
  const std::string_view line = text.substr(begin, end - begin);
  const std::size_t mark = line.find_first_not_of(" \t-");
  if (mark == kNone || line[mark] != '?' || line.size() - mark > kLongestName) return name;
  for (const char c : decode_escapes(line.substr(mark + 1))) {
    if (is_name_letter(c)) name.text += c;
  }
  return name;
}

}  // namespace

FieldName name_before(std::string_view text, std::size_t separator, std::size_t line_begin,
                      std::size_t done) {
  const std::size_t floor = std::max({done, line_begin, separator - std::min(separator, kLongestName)});
  std::size_t end = separator;
  while (end > floor && is_blank(text[end - 1])) --end;
  if (end == floor) return explicit_key(text, separator, line_begin, done);
  FieldName name;
  if (const char quote = text[end - 1]; quote == '"' || quote == '\'') {
    std::size_t close = end - 1;
    while (close > floor && text[close - 1] == '\\') --close;
    std::size_t open = close;
    while (open > floor && text[open - 1] != quote) --open;
    if (open == floor) return name;
    name.text = decode_escapes(text.substr(open, close - open));
    name.begin = open - 1;
    name.quote = quote;
    return name;
  }
  std::size_t begin = end;
  while (begin > floor && is_name_letter(text[begin - 1])) --begin;
  name.text = text.substr(begin, end - begin);
  name.begin = begin;
  // In "api key: …", the word before is part of the name.
  if (begin > floor + 1 && text[begin - 1] == ' ' && is_alnum(text[begin - 2])) {
    std::size_t first = begin - 1;
    while (first > floor && is_name_letter(text[first - 1])) --first;
    const std::string last = to_lower(name.text);
    const bool pairs =
        last == "key" || last == "keys" || last == "id" || last == "string" || last == "phrase";
    if (pairs && is_secret_name(text.substr(first, end - first))) {
      name.text = text.substr(first, end - first);
      name.begin = first;
    }
  }
  if (name.begin > 0 && (text[name.begin - 1] == '"' || text[name.begin - 1] == '\'')) {
    name.opened_by = text[name.begin - 1];
  }
  return name;
}

}  // namespace offloader::redaction
