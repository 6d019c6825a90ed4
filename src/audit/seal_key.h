#pragma once

#include <string_view>

#include "offloader/base/crypto.h"

namespace offloader::audit {

// Returns the key of the chain.
[[nodiscard]] inline Sha256 seal_key(std::string_view secret) {
  return derive_key(secret, "offloader audit v1");
}

}  // namespace offloader::audit
