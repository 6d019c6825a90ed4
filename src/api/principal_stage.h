#pragma once

#include <array>

#include "offloader/telemetry/telemetry.h"
#include "stage.h"

namespace offloader::api {

// Who asks. First, so that whoever has no valid key learns nothing, not even which endpoints there are: an
// unknown endpoint and a bad param are both 401 to them. Before it only the question whether there is a
// project yet (503), since without one nobody can be known. Limits of the principal, once it has some, are
// checked right after it (429).
class PrincipalStage {
 public:
  explicit PrincipalStage(telemetry::Metrics& metrics);

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  std::array<telemetry::Counter*, 5> failures_{};  // by identity::Outcome
  telemetry::Counter& shed_starting_;
};

}  // namespace offloader::api
