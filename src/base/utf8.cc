#include "offloader/base/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace offloader {

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  const auto continues = [&](std::ptrdiff_t i) { return (at[i] & 0xC0) == 0x80; };
  while (at < end) {
    if (end - at >= 8) {
      std::uint64_t word;
      std::memcpy(&word, at, sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        at += 8;
        continue;
      }
    }
    const unsigned char lead = *at;
    const std::ptrdiff_t left = end - at;
    if (lead < 0x80) {
      at += 1;
    } else if (lead >= 0xC2 && lead <= 0xDF) {
      if (left < 2 || !continues(1)) return false;
      at += 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      if (left < 3 || !continues(1) || !continues(2)) return false;
      if (lead == 0xE0 && at[1] < 0xA0) return false;  // overlong
      if (lead == 0xED && at[1] > 0x9F) return false;  // surrogates
      at += 3;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      if (left < 4 || !continues(1) || !continues(2) || !continues(3)) return false;
      if (lead == 0xF0 && at[1] < 0x90) return false;  // overlong
      if (lead == 0xF4 && at[1] > 0x8F) return false;  // past U+10FFFF
      at += 4;
    } else {
      return false;
    }
  }
  return true;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace offloader
