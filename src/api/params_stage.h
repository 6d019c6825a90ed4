#pragma once

#include "offloader/base/clock.h"
#include "stage.h"

namespace offloader::api {

// Compiles the params, which a POST has in its body and every other request in its query string, to a plan,
// which is bound to the tenant of the principal. Runs after the route stage, because the contract of the
// endpoint defines the params (422). A dataset without a snapshot (503) is reported last, so that an invalid
// request is always reported as invalid.
class ParamsStage {
 public:
  explicit ParamsStage(const Clock& clock) : clock_(&clock) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  const Clock* clock_;
};

}  // namespace offloader::api
