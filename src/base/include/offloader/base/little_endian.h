#pragma once

#include <cstdint>
#include <string>

namespace offloader {

// Appends the four bytes of a number, the least significant one first.
inline void append_le32(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
}

}  // namespace offloader
