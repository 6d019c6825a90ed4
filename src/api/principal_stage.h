#pragma once

#include <array>

#include "offloader/telemetry/telemetry.h"
#include "stage.h"

namespace offloader::api {

// Identifies the caller. Runs first, so that a caller without a valid key learns nothing: an unknown endpoint
// and a bad param are both 401. Only one check precedes it: a server that is starting has no project and so
// no keys, and answers 503. A rate limit stage (429) belongs directly after this one.
class PrincipalStage {
 public:
  explicit PrincipalStage(telemetry::Metrics& metrics);

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  std::array<telemetry::Counter*, 5> failures_{};  // by identity::Outcome
  telemetry::Counter& shed_starting_;
};

}  // namespace offloader::api
