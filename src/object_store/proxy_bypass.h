#pragma once

#include <string>

namespace offloader::object_store {

// Whether NO_PROXY names the host: `*`, names, `.suffix`, each with an optional port that is ignored.
[[nodiscard]] bool bypasses_proxy(const std::string& no_proxy, const std::string& host);

}  // namespace offloader::object_store
