#pragma once

#include "stage.h"

namespace offloader::api {

// Compiles the params to a plan that holds the principal's tenant. Runs after the route stage, because the
// endpoint's contract defines the params (422). Whether the dataset has a snapshot (503) is checked last, so
// that a wrong request is always reported as such.
class ParamsStage {
 public:
  [[nodiscard]] Result<Step> run(Exchange& exchange) const;
};

}  // namespace offloader::api
