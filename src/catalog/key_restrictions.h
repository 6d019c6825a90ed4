#pragma once

#include <vector>

#include "fields.h"
#include "offloader/catalog/key.h"

// The fields that restrict when and from where a key is valid. Both functions report what is invalid, and
// leave it out of their results.
namespace offloader::catalog {

// Reads `not_before` and `expires_at`.
[[nodiscard]] Lifetime read_lifetime(const Fields& fields);
// Reads `allowed_cidrs`.
[[nodiscard]] std::vector<Cidr> read_allowed_cidrs(const Fields& fields);

}  // namespace offloader::catalog
