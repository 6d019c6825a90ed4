#pragma once

#include <string>

#include "offloader/telemetry/telemetry.h"

namespace offloader::refresh {

// The metrics of one dataset. Requires: `metrics` outlives them.
struct DatasetGauges {
  DatasetGauges(telemetry::Metrics& metrics, const std::string& dataset);

  telemetry::Gauge& age;
  telemetry::Gauge& stale;
  telemetry::Gauge& rows;
  telemetry::Gauge& bytes;
  telemetry::Gauge& indexed;
  telemetry::Gauge& ok;
  telemetry::Gauge& reachable;
  telemetry::Gauge& last_success;
  telemetry::Histogram& duration;
};

}  // namespace offloader::refresh
