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

// Returns the first address of a host that accepts a connection within `timeout_ms`. Blocks. `unavailable` if
// the name cannot be resolved or no address accepts.
[[nodiscard]] Result<Address> reachable_address(const std::string& host, std::uint16_t port, int timeout_ms);

// Returns a non-blocking socket that is connecting, or an empty descriptor when none can be opened.
[[nodiscard]] Descriptor connecting_socket(const Address& address);

}  // namespace offloader::load
