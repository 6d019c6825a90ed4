#include <algorithm>
#include <span>
#include <vector>

#include "log.h"
#include "offloader/base/crypto.h"
#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"
#include "offloader/base/url_text.h"
#include "offloader/base/utf8.h"
#include "offloader/redaction/redact.h"

namespace offloader::telemetry {
namespace {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::info:
      return "info";
    case Level::debug:
      return "debug";
  }
  return "error";
}

void append_json_value(std::string& out, const Field::FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return json::append_string(out, *text);
  if (const auto* view = std::get_if<std::string_view>(&value)) return json::append_string(out, *view);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return json::append_int(out, *integer);
  if (const auto* number = std::get_if<double>(&value)) return json::append_double(out, *number);
  json::append_bool(out, std::get<bool>(value));
}

// Quotes a string if it is empty or holds a space, a quote, `=`, a backslash or a line break. Escapes it in
// either case.
void append_text_value(std::string& out, const Field::FieldValue& value) {
  std::string_view text;
  if (const auto* owned = std::get_if<std::string>(&value))
    text = *owned;
  else if (const auto* view = std::get_if<std::string_view>(&value))
    text = *view;
  else
    return append_json_value(out, value);
  const bool plain = !text.empty() && text.find_first_of(" \"=\\\t\r\n") == std::string_view::npos;
  if (plain) {
    json::append_escaped(out, text);
  } else {
    json::append_string(out, text);
  }
}

// Whether a character changes the direction of the text around it (U+202A to U+202E, U+2066 to U+2069).
bool reorders(std::string_view character) {
  return (character >= "\xe2\x80\xaa" && character <= "\xe2\x80\xae") ||
         (character >= "\xe2\x81\xa6" && character <= "\xe2\x81\xa9");
}

// Handles what JSON escaping leaves as it is. DEL, the C1 controls and the direction controls can manipulate
// a terminal, so they become \uxxxx. Bytes that are not valid UTF-8 become U+FFFD, so that every line is
// valid JSON. Non-ASCII characters occur only inside strings, where both replacements are valid.
void clean_up(std::string& line, std::size_t from) {
  const auto is_plain = [](char c) { return static_cast<unsigned char>(c) < 0x7f; };
  if (std::all_of(line.begin() + static_cast<std::ptrdiff_t>(from), line.end(), is_plain)) return;
  constexpr std::size_t kLongest = 4;  // bytes of a character
  std::string out;
  const std::string_view text = std::string_view(line).substr(from);
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (length <= kLongest && !is_utf8(text.substr(i, length))) ++length;
    const std::string_view character = text.substr(i, length);
    if (length > kLongest) {
      out.append("\xef\xbf\xbd");
      length = 1;
    } else if (character == "\x7f" || (length == 2 && character[0] == '\xc2' && character[1] < '\xa0')) {
      out.append("\\u00").append(
          to_hex(std::span(reinterpret_cast<const std::uint8_t*>(&character.back()), 1)));
    } else if (length == 3 && reorders(character)) {
      const bool first_page = character[1] == '\x80';
      const auto low = static_cast<std::uint8_t>((static_cast<std::uint8_t>(character[2]) & 0x3fU) |
                                                 (first_page ? 0U : 0x40U));
      out.append("\\u20").append(to_hex(std::span(&low, 1)));
    } else {
      out.append(character);
    }
    i += length;
  }
  line.replace(from, std::string::npos, out);
}

void append_fields(std::string& out, LogFormat format, SystemTime time, Level level, std::string_view message,
                   std::span<const Field> fields) {
  const std::size_t begun = out.size();
  std::string stamp;
  append_timestamp(stamp, std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch() /
                              std::chrono::microseconds(1));
  stamp.push_back('Z');
  if (format == LogFormat::json) {
    out.append(R"({"time":")")
        .append(stamp)
        .append(R"(","level":")")
        .append(name_of(level))
        .append(R"(","message":)");
    json::append_string(out, message);
    for (const Field& field : fields) {
      out.push_back(',');
      json::append_string(out, field.name);
      out.push_back(':');
      append_json_value(out, field.value);
    }
    out.push_back('}');
    return clean_up(out, begun);
  }
  out.append(stamp).append(" ").append(name_of(level)).append(" ");
  json::append_escaped(out, message);
  for (const Field& field : fields) {
    out.push_back(' ');
    out.append(field.name);
    out.push_back('=');
    append_text_value(out, field.value);
  }
  clean_up(out, begun);
}

}  // namespace

void append_line(std::string& out, LogFormat format, SystemTime time, Level level, std::string_view message,
                 std::initializer_list<Field> fields) {
  append_fields(out, format, time, level, message, {fields.begin(), fields.size()});
}

void append_redacted_line(std::string& out, LogFormat format, SystemTime time, Level level,
                          std::string_view message, std::initializer_list<Field> fields) {
  std::vector<Field> clean(fields);
  for (Field& field : clean) {
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      field.value = redact(without_url_queries(*text));
    } else if (const auto* view = std::get_if<std::string_view>(&field.value)) {
      field.value = redact(without_url_queries(*view));
    }
  }
  append_fields(out, format, time, level, redact(without_url_queries(message)), clean);
}

}  // namespace offloader::telemetry
