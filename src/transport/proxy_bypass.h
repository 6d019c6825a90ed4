#pragma once

#include <string>

namespace offloader::transport {

// Whether NO_PROXY names the host: `*`, names, `.suffix`, each with an optional port that is ignored.
[[nodiscard]] bool bypasses_proxy(const std::string& no_proxy, const std::string& host);

}  // namespace offloader::transport
