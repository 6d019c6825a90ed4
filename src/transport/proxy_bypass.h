#pragma once

#include <string>

namespace offloader::transport {

// Returns whether `no_proxy` (the value of NO_PROXY) covers `host`. Entries are `*`, `name` or `.suffix`,
// separated by commas or spaces; a name also covers its subdomains, and a port is ignored.
[[nodiscard]] bool bypasses_proxy(const std::string& no_proxy, const std::string& host);

}  // namespace offloader::transport
