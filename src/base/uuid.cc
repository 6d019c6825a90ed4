#include "offloader/base/uuid.h"

#include "offloader/base/ascii.h"

namespace offloader {
namespace {

constexpr bool is_hyphen(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

}  // namespace

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != kUuidBytes) return std::nullopt;
  Uuid out;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_hyphen(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    if (!ascii::is_hex(text[i])) return std::nullopt;
    std::uint64_t& word = digits++ < 16 ? out.high : out.low;
    word = word << 4 | static_cast<std::uint64_t>(ascii::hex_value(ascii::to_lower(text[i])));
  }
  return out;
}

void write_uuid(char* at, Uuid uuid) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t digits = 0;
  for (std::size_t i = 0; i < kUuidBytes; ++i) {
    if (is_hyphen(i)) {
      at[i] = '-';
      continue;
    }
    const std::uint64_t word = digits < 16 ? uuid.high : uuid.low;
    at[i] = kDigits[word >> (60 - digits % 16 * 4) & 0xF];
    ++digits;
  }
}

void append_uuid(std::string& out, Uuid uuid) {
  std::array<char, kUuidBytes> text;
  write_uuid(text.data(), uuid);
  out.append(text.data(), text.size());
}

}  // namespace offloader
