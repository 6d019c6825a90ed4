#pragma once

#include <optional>
#include <string>

#include "offloader/base/clock.h"

namespace offloader::transport {

// Parses "Wed, 21 Oct 2015 07:28:00 GMT". Returns nullopt for any other format.
[[nodiscard]] std::optional<SystemTime> parse_http_date(const std::string& text);

}  // namespace offloader::transport
