#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace offloader {

// A network of addresses, `10.0.0.0/8` or `fd00::/8`; a bare address is a network of one. IPv4 is held as
// IPv4-mapped IPv6, so both notations of an address are in the same networks.
class Cidr {
 public:
  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text);

  // False for what is no address.
  [[nodiscard]] bool contains(std::string_view address) const;

 private:
  std::array<std::uint8_t, 16> network_{};
  unsigned prefix_bits_ = 128;
};

}  // namespace offloader
