#include "offloader/base/hash_text.h"

#include <algorithm>
#include <cstdint>

#include "offloader/base/ascii.h"

namespace offloader {

std::optional<Sha256> sha256_of_hex(std::string_view hex) {
  Sha256 out{};
  if (hex.size() != 2 * out.size() || !std::ranges::all_of(hex, ascii::is_lower_hex)) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(ascii::hex_value(hex[2 * i]) * 16 + ascii::hex_value(hex[2 * i + 1]));
  return out;
}

}  // namespace offloader
