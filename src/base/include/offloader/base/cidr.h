#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
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

// Returns a short name of the network that stands for one client of this address: the address itself of IPv4,
// also where it is written as IPv6, and the first 64 bits of IPv6, which one client may use all of. The name
// is bytes, not text. Returns `address` unchanged if it is not an IP address.
[[nodiscard]] std::string client_network(std::string_view address);

}  // namespace offloader
