#pragma once

#include <sys/socket.h>

#include <string>

namespace offloader::transport {

// Returns whether the address is on the public Internet: not loopback, link-local, private, shared, multicast
// or reserved, not Azure's platform address, and not an IPv6 address that maps to such an IPv4 address.
[[nodiscard]] bool is_public_address(const sockaddr* address);

// As above, for an address in text form. Returns false if `text` is not an IP address.
[[nodiscard]] bool is_public_address(const std::string& text);

}  // namespace offloader::transport
