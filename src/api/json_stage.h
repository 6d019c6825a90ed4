#pragma once

#include "stage.h"

namespace offloader::api {

// Decodes the body of a POST to the endpoint's params. Runs right after the body stage, because a body that
// is no JSON object of params (400) is reported before an unacceptable format. Other mistakes in it (422)
// wait for the params stage.
class JsonStage {
 public:
  [[nodiscard]] Result<Step> run(Exchange& exchange) const;
};

}  // namespace offloader::api
