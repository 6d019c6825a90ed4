#pragma once

#include <string>

#include "offloader/load/load.h"

namespace offloader::load {

// A report for people, for programs (latencies in microseconds), for a spreadsheet
// (`percentile,microseconds`), and as one self-contained HTML page with charts: no script, nothing fetched.
[[nodiscard]] std::string to_text(const LoadReport& report);
[[nodiscard]] std::string to_json(const LoadReport& report);
[[nodiscard]] std::string to_csv(const LoadReport& report);
[[nodiscard]] std::string to_html(const LoadReport& report);

}  // namespace offloader::load
