#pragma once

#include <optional>
#include <string_view>

#include "offloader/base/clock.h"

namespace offloader::catalog {

// Parses a time of a key: ISO 8601 with an offset, between the years 0000 and 9999 in UTC. Returns nullopt
// for anything else. Pure.
[[nodiscard]] std::optional<SystemTime> parse_key_time(std::string_view text);

}  // namespace offloader::catalog
