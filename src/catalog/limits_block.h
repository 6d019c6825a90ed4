#pragma once

#include "fields.h"
#include "offloader/catalog/limits.h"

namespace offloader::catalog {

// Reads a `limits` block, of a key or an issuer. Returns none if it is absent, empty or not a mapping.
[[nodiscard]] SharedLimits read_limits(const Value& at);

}  // namespace offloader::catalog
