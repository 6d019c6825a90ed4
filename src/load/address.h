#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "offloader/base/descriptor.h"
#include "offloader/base/result.h"

namespace offloader::load {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

// The first address of a host that takes a connection within the timeout. Blocking. `unavailable` otherwise.
[[nodiscard]] Result<Address> reachable_address(const std::string& host, std::uint16_t port, int timeout_ms);

// A socket that does not block, connecting; empty when the system has none left.
[[nodiscard]] Descriptor connecting_socket(const Address& address);

}  // namespace offloader::load
