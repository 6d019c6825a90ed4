#pragma once

#include <string>

#include "offloader/telemetry/telemetry.h"

namespace offloader::telemetry {

// Returns the counter of the requests and connections that are rejected for `reason` (admin-api.md,
// "Metrics"). Several modules count there, so its help text is here.
[[nodiscard]] inline Counter& shed_counter(Metrics& metrics, const std::string& reason) {
  return metrics.counter("offloader_shed_total",
                         "Requests and connections rejected while starting or overloaded, by reason.",
                         {{"reason", reason}});
}

}  // namespace offloader::telemetry
