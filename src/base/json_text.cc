#include "offloader/base/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "offloader/base/ascii.h"
#include "offloader/base/timestamp.h"

namespace offloader::json {
namespace {

// For each byte: 0 if it is copied, else the character after the backslash, with `u` for \u00xx.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}();

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[byte];
    if (escape == 0) continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    out.push_back('\\');
    out.push_back(escape);
    if (escape == 'u') {
      out.append("00");
      ascii::append_hex(out, byte);
    }
  }
  out.append(text, plain, text.size() - plain);
}

bool needs_escape(std::string_view text) {
  for (const char c : text) {
    if (kEscapes[static_cast<unsigned char>(c)] != 0) return true;
  }
  return false;
}

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  append_escaped(out, text);
  out.push_back('"');
}

char* write_int(char* at, std::int64_t value) {
  return std::to_chars(at, at + kIntegerBytes, value).ptr;
}
char* write_uint(char* at, std::uint64_t value) {
  return std::to_chars(at, at + kIntegerBytes, value).ptr;
}

void append_int(std::string& out, std::int64_t value) {
  std::array<char, kIntegerBytes> buffer;
  out.append(buffer.data(), write_int(buffer.data(), value));
}
void append_uint(std::string& out, std::uint64_t value) {
  std::array<char, kIntegerBytes> buffer;
  out.append(buffer.data(), write_uint(buffer.data(), value));
}

void append_int128(std::string& out, Int128 value) {
  if (value >= INT64_MIN && value <= INT64_MAX) {
    append_int(out, static_cast<std::int64_t>(value));
    return;
  }
  auto rest = value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
  std::array<char, 40> buffer;
  std::size_t at = buffer.size();
  for (; rest != 0; rest /= 10) buffer[--at] = static_cast<char>('0' + static_cast<int>(rest % 10));
  if (value < 0) buffer[--at] = '-';
  out.append(buffer.data() + at, buffer.size() - at);
}

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out.append("null");
    return;
  }
  const double size = std::fabs(value);
  const bool exponent = size != 0 && (size >= 1e16 || size < 1e-5);
  std::array<char, 32> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    exponent ? std::chars_format::scientific : std::chars_format::fixed);
  const std::string_view digits(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  out.append(digits);
  if (!exponent && digits.find('.') == std::string_view::npos) out.append(".0");
}

void append_bool(std::string& out, bool value) {
  out.append(value ? "true" : "false");
}

void append_date(std::string& out, std::int32_t days) {
  out.push_back('"');
  offloader::append_date(out, days);
  out.push_back('"');
}

void append_timestamp(std::string& out, std::int64_t micros) {
  out.push_back('"');
  offloader::append_timestamp(out, micros);
  out.push_back('"');
}

void append_instant(std::string& out, std::int64_t micros) {
  out.push_back('"');
  offloader::append_timestamp(out, micros);
  out += "Z\"";
}

}  // namespace offloader::json
