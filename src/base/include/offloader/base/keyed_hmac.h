#pragma once

#include <string_view>

#include "offloader/base/crypto.h"

namespace offloader {

// HMAC-SHA256 with a derived key (derive_key()). Like keyed_digest(), whose tag is the first half of it, it
// caches the key schedule of the last key of each thread. Any thread; aborts the process if OpenSSL fails.
[[nodiscard]] Sha256 keyed_hmac(const Sha256& key, std::string_view bytes);

}  // namespace offloader
