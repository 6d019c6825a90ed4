#include "terminal_text.h"

#include <cstdint>

#include "offloader/base/ascii.h"
#include "offloader/base/utf8.h"

namespace offloader::cli {
namespace {

constexpr std::size_t kLongest = 4;  // bytes of a UTF-8 sequence
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// Returns the length of the UTF-8 sequence that begins with `first`, or 1 if it is not a lead byte.
std::size_t length_of(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte >= 0xf0 && byte < 0xf8) return 4;
  if (byte >= 0xe0) return byte < 0xf0 ? 3 : 1;
  return byte >= 0xc0 ? 2 : 1;
}

std::uint32_t code_point(std::string_view character) {
  const auto bits = [&](std::size_t i) { return static_cast<unsigned char>(character[i]) & 0x3fU; };
  const auto first = static_cast<unsigned char>(character[0]);
  switch (character.size()) {
    case 1:
      return first;
    case 2:
      return (first & 0x1fU) << 6 | bits(1);
    case 3:
      return (first & 0x0fU) << 12 | bits(1) << 6 | bits(2);
    default:
      return (first & 0x07U) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3);
  }
}

bool steers(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

void append_escape(std::string& out, std::uint32_t code) {
  out.append("\\u");
  ascii::append_hex(out, static_cast<std::uint8_t>(code >> 8));
  ascii::append_hex(out, static_cast<std::uint8_t>(code));
}

// Appends the first character of `text`, escaped if it must be. Returns its length. `layout`: line breaks and
// tabs stay.
std::size_t append_character(std::string& out, std::string_view text, bool layout) {
  const std::string_view character = text.substr(0, length_of(text.front()));
  if (character.size() < length_of(text.front()) || !is_utf8(character)) {
    out.append(kReplacement);
    return 1;
  }
  const std::uint32_t code = code_point(character);
  if (steers(code) && !(layout && (code == '\n' || code == '\t'))) {
    append_escape(out, code);
  } else {
    out.append(character);
  }
  return character.size();
}

}  // namespace

std::string escaped_cell(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) at += append_character(out, text.substr(at), false);
  return out;
}

EscapingBuffer::~EscapingBuffer() {
  drain(true);
}

void EscapingBuffer::drain(bool all) {
  std::string out;
  std::size_t at = 0;
  while (at < held_.size()) {
    if (at + length_of(held_[at]) > held_.size() && !all && held_.size() - at < kLongest) break;
    at += append_character(out, std::string_view(held_).substr(at), true);
  }
  held_.erase(0, at);
  to_.sputn(out.data(), static_cast<std::streamsize>(out.size()));
}

bool EscapingBuffer::write_unescaped(std::string_view text) {
  drain(true);
  const auto size = static_cast<std::streamsize>(text.size());
  return to_.sputn(text.data(), size) == size;
}

EscapingBuffer::int_type EscapingBuffer::overflow(int_type letter) {
  if (traits_type::eq_int_type(letter, traits_type::eof())) return traits_type::not_eof(letter);
  const char c = traits_type::to_char_type(letter);
  xsputn(&c, 1);
  return letter;
}

std::streamsize EscapingBuffer::xsputn(const char* text, std::streamsize count) {
  held_.append(text, static_cast<std::size_t>(count));
  drain(false);
  return count;
}

int EscapingBuffer::sync() {
  drain(false);
  return to_.pubsync();
}

bool write_unescaped(std::ostream& to, std::string_view sequence) {
  if (auto* const escaping = dynamic_cast<EscapingBuffer*>(to.rdbuf()))
    return escaping->write_unescaped(sequence);
  return static_cast<bool>(to << sequence);
}

}  // namespace offloader::cli
