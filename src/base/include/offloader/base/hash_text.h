#pragma once

#include <optional>
#include <string_view>

#include "offloader/base/crypto.h"

namespace offloader {

// Reads a hash as to_hex() writes it: 64 lowercase digits. Returns nullopt for any other text.
[[nodiscard]] std::optional<Sha256> sha256_of_hex(std::string_view hex);

}  // namespace offloader
