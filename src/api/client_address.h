#pragma once

#include <string>
#include <vector>

#include "offloader/base/cidr.h"
#include "offloader/http/message.h"

namespace offloader::api {

// Who sent the request, for the log: the peer; or, where the peer is a trusted proxy, the nearest address of
// `Forwarded` or `X-Forwarded-For` that is not one itself (settings.md, OFFLOADER_TRUSTED_PROXIES).
[[nodiscard]] std::string client_address(const http::Request& request, const std::vector<Cidr>& trusted);

}  // namespace offloader::api
