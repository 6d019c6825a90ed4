#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "offloader/jwt/key_set.h"

namespace offloader::jwt {

// Returns the key of a JWK without private members, or nullopt if it may not verify a signature of any
// Algorithm (KeySet::parse).
[[nodiscard]] std::optional<Key> read_jwk(const nlohmann::json& jwk);

// Returns whether the JWK has a member of a private or symmetric key.
[[nodiscard]] bool has_private_member(const nlohmann::json& jwk);

}  // namespace offloader::jwt
