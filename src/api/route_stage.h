#pragma once

#include "endpoint_series.h"
#include "stage.h"

namespace offloader::api {

// Finds the endpoint among those that the principal may call. Runs after the principal stage, because an
// endpoint that is not granted is answered like one that does not exist (404). An unsupported method is
// rejected first (405), so that it does not reveal which endpoints exist. From here on the request counts in
// the metrics of its endpoint.
class RouteStage {
 public:
  explicit RouteStage(EndpointMetrics& metrics) : metrics_(metrics) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  EndpointMetrics& metrics_;
};

}  // namespace offloader::api
