#pragma once

#include <string>

#include "offloader/telemetry/telemetry.h"

namespace offloader::refresh {

// A dataset's metrics.
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
