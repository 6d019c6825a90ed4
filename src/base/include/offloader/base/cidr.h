#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace offloader {

// A network of IP addresses, such as `10.0.0.0/8` or `fd00::/8`. A bare address is a network of one. IPv4 is
// stored as IPv4-mapped IPv6, so both notations of an address match the same networks. Immutable; any thread
// may call it.
class Cidr {
 public:
  using Bytes = std::array<std::uint8_t, 16>;

  // Parses an address, optionally followed by `/` and a prefix length; host bits after the prefix are
  // ignored. Returns nullopt for anything else, including leading zeros, a zone (`%eth0`) and other notations
  // of IPv4.
  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text);

  // Returns false if `address` is not an IP address.
  [[nodiscard]] bool contains(std::string_view address) const;

  friend bool operator==(const Cidr&, const Cidr&) = default;

 private:
  Bytes network_{};
  unsigned prefix_bits_ = 128;
};

}  // namespace offloader
