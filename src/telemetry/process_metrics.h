#pragma once

#include <vector>

namespace offloader::telemetry {

struct ProcessMetric {
  const char* name;
  const char* help;
  bool counter;  // else a gauge
  double value;
};

// The process's own metrics by the names that Prometheus client libraries share
// (process_resident_memory_bytes, …), read from /proc/self. What cannot be read is left out.
[[nodiscard]] std::vector<ProcessMetric> process_metrics();

}  // namespace offloader::telemetry
