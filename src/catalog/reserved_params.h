#pragma once

#include <map>
#include <string>
#include <string_view>

#include "fields.h"

namespace offloader::catalog {

// The params that an endpoint has without declaring them, with the reason, for findings.
using ReservedNames = std::map<std::string_view, std::string, std::less<>>;

// Returns the names that the endpoint's own params cannot have: those of all endpoints, and those that its
// fields turn on. Reports nothing.
[[nodiscard]] ReservedNames reserved_names(const Fields& endpoint);

}  // namespace offloader::catalog
