#pragma once

#include <memory>

#include "offloader/telemetry/telemetry.h"

namespace offloader::telemetry {

// The registry behind `Metrics`: atomics of our own, since prometheus-cpp's histograms take a mutex for each
// observation. Includes the process's own metrics.
[[nodiscard]] std::unique_ptr<Metrics> make_registry();

}  // namespace offloader::telemetry
