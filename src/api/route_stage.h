#pragma once

#include "endpoint_series.h"
#include "stage.h"

namespace offloader::api {

// Which endpoint is asked, out of those that the principal may call. After the principal, since an endpoint
// that is not granted does not exist to them (404); another method is refused first (405), so that it tells
// nothing about which endpoints exist. From here on metrics and headers are the endpoint's.
class RouteStage {
 public:
  explicit RouteStage(EndpointMetrics& metrics) : metrics_(metrics) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  EndpointMetrics& metrics_;
};

}  // namespace offloader::api
