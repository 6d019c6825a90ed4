#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace offloader::query {

// Writes an unambiguous encoding, identical on every machine: fixed-width little-endian numbers, and the
// length before each text.
class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& out) : out_(out) {}

  void tag(char c) { out_.push_back(c); }
  void number(std::uint64_t value) {
    if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
    const auto bytes = std::bit_cast<std::array<char, sizeof value>>(value);
    out_.append(bytes.data(), bytes.size());
  }
  void signed_number(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
  void text(std::string_view value) {
    number(value.size());
    out_.append(value);
  }

 private:
  std::string& out_;
};

}  // namespace offloader::query
