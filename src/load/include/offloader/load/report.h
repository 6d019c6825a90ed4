#pragma once

#include <string>

#include "offloader/load/load.h"

namespace offloader::load {

// Each returns the report in one format: text for people, JSON (latencies in microseconds), CSV with the
// columns `percentile,microseconds`, and one self-contained HTML page with charts, without scripts or
// external resources.
[[nodiscard]] std::string to_text(const LoadReport& report);
[[nodiscard]] std::string to_json(const LoadReport& report);
[[nodiscard]] std::string to_csv(const LoadReport& report);
[[nodiscard]] std::string to_html(const LoadReport& report);

}  // namespace offloader::load
