#pragma once

#include "stage.h"

namespace offloader::api {

// What is asked: the params, compiled to a plan with the principal's tenant in it. After the route, since the
// endpoint's contract says what params there are (422). Last of what can be wrong with a request; whether
// there is a snapshot to answer it from (503) comes after that, so that a wrong request is told so always.
class ParamsStage {
 public:
  [[nodiscard]] Result<Step> run(Exchange& exchange) const;
};

}  // namespace offloader::api
