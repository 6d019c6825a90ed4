#pragma once

#include "finish.h"
#include "stage.h"

namespace offloader::api {

// Sends the answer (200): headers, the shared part of the body, and the `meta` of this response. Runs last,
// because `meta` reports the outcome of the stages before it, and the time.
class RespondStage {
 public:
  RespondStage(const Clock& clock, const Finish& finish) : clock_(clock), finish_(finish) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  const Clock& clock_;
  const Finish& finish_;
};

}  // namespace offloader::api
