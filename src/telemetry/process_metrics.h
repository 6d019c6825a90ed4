#pragma once

#include <vector>

namespace offloader::telemetry {

struct ProcessMetric {
  const char* name;
  const char* help;
  bool counter;  // otherwise a gauge
  double value;
};

// The metrics of this process, read from /proc/self, under the names that Prometheus client libraries share
// (process_resident_memory_bytes, …). Metrics that cannot be read are left out.
[[nodiscard]] std::vector<ProcessMetric> process_metrics();

}  // namespace offloader::telemetry
