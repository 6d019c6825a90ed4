#pragma once

#include <memory>

#include "offloader/telemetry/telemetry.h"

namespace offloader::telemetry {

// The implementation of `Metrics`, which also exposes the metrics of the process. It uses its own atomics
// because prometheus-cpp's histograms take a mutex for each observation.
[[nodiscard]] std::unique_ptr<Metrics> make_registry();

}  // namespace offloader::telemetry
