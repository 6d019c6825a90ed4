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
  using Bytes = std::array<std::uint8_t, 16>;

  // An address, or one with `/` and the bits of its prefix; the bits behind it do not count. Nullopt for
  // anything else: leading zeros, an interface behind a `%`, other forms of IPv4.
  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text);

  // False for what is no address.
  [[nodiscard]] bool contains(std::string_view address) const;

 private:
  Bytes network_{};
  unsigned prefix_bits_ = 128;
};

}  // namespace offloader
