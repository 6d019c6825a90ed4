#pragma once

#include <chrono>
#include <string>

namespace offloader::transport::testing {

// Formats as "Tue, 24 Nov 2026 11:45:46 GMT".
[[nodiscard]] std::string http_date(std::chrono::system_clock::time_point time);
// Formats as "2026-11-24T11:45:46.123Z".
[[nodiscard]] std::string iso_date(std::chrono::system_clock::time_point time);

}  // namespace offloader::transport::testing
