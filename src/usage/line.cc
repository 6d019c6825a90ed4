#include "line.h"

#include <array>
#include <charconv>

#include "offloader/base/json_text.h"

namespace offloader::usage {
namespace {

// A name must not end its field or its line.
void append_name(std::string& out, std::string_view name) {
  for (const char c : name) {
    switch (c) {
      case '\t':
        out.append("\\t");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\\':
        out.append("\\\\");
        break;
      default:
        out.push_back(c);
    }
  }
}

bool parse_name(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.push_back(text[i]);
      continue;
    }
    if (++i == text.size()) return false;
    const char c = text[i];
    if (c != 't' && c != 'n' && c != '\\') return false;
    out.push_back(c == 't' ? '\t' : c == 'n' ? '\n' : '\\');
  }
  return true;
}

template <typename T>
bool parse_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= 0;
}

template <typename CountsType>
auto numbers_of(CountsType& counts) {
  return std::array{&counts.requests_2xx, &counts.requests_3xx, &counts.requests_4xx, &counts.requests_5xx,
                    &counts.rows,         &counts.bytes,        &counts.execution_us};
}

}  // namespace

void append_line(std::string& out, int hour, const PlaceView& place, const Counts& counts) {
  json::append_int(out, hour);
  for (const std::string_view name : {place.key, place.tenant, place.endpoint}) {
    out.push_back('\t');
    append_name(out, name);
  }
  for (const std::int64_t* const number : numbers_of(counts)) {
    out.push_back('\t');
    json::append_int(out, *number);
  }
  out.push_back('\n');
}

bool parse_line(std::string_view text, ParsedLine& out) {
  std::array<std::string_view, 11> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t tab = text.find('\t');
    if ((tab == std::string_view::npos) != (i + 1 == fields.size())) return false;
    fields[i] = text.substr(0, tab);
    if (tab != std::string_view::npos) text.remove_prefix(tab + 1);
  }
  if (!parse_number(fields[0], out.hour) || out.hour > 23) return false;
  std::size_t at = 1;
  for (std::string* const name : {&out.place.key, &out.place.tenant, &out.place.endpoint})
    if (!parse_name(fields[at++], *name)) return false;
  for (std::int64_t* const number : numbers_of(out.counts))
    if (!parse_number(fields[at++], *number)) return false;
  return true;
}

}  // namespace offloader::usage
