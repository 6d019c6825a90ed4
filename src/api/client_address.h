#pragma once

#include <string>
#include <vector>

#include "offloader/base/cidr.h"
#include "offloader/http/message.h"

namespace offloader::api {

struct ClientAddress {
  std::string address;
  bool certain = true;  // false: do not base access on it
};

// Returns the address of the client. This is the peer, unless the peer is a trusted proxy: then it is the
// nearest address in `Forwarded` or `X-Forwarded-For` that is not a trusted proxy (settings.md,
// OFFLOADER_TRUSTED_PROXIES). It is not certain in three cases. If `Forwarded` is malformed, the address is
// the peer. If the chain of proxies ends in something other than an address, the address is the last one
// before it. If the two headers name different addresses, the address is the peer: a proxy that sets one of
// them may pass on what a client wrote into the other.
[[nodiscard]] ClientAddress client_address(const http::Request& request, const std::vector<Cidr>& trusted);

}  // namespace offloader::api
