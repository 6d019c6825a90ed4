#pragma once

#include <string>
#include <vector>

#include "offloader/base/cidr.h"
#include "offloader/http/message.h"

namespace offloader::api {

// Returns the address of the client, for the log. This is the peer, unless the peer is a trusted proxy: then
// it is the nearest address in `Forwarded` or `X-Forwarded-For` that is not a trusted proxy (settings.md,
// OFFLOADER_TRUSTED_PROXIES).
[[nodiscard]] std::string client_address(const http::Request& request, const std::vector<Cidr>& trusted);

}  // namespace offloader::api
