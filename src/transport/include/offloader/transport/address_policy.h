#pragma once

#include <sys/socket.h>

#include <string>

namespace offloader::transport {

// Whether the address is one of the public Internet: not loopback, link-local, private, shared, multicast or
// reserved, nor an IPv6 form that leads to such an IPv4 address.
[[nodiscard]] bool is_public_address(const sockaddr* address);

// The same of text; false for what is no address.
[[nodiscard]] bool is_public_address(const std::string& text);

}  // namespace offloader::transport
