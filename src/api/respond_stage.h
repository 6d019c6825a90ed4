#pragma once

#include "finish.h"
#include "stage.h"

namespace offloader::api {

// Sends the answer (200): headers, the shared part of the body, and the `meta` of this response. Last,
// because `meta` says what the stages before it came to, and when.
class RespondStage {
 public:
  RespondStage(const Clock& clock, const Finish& finish) : clock_(clock), finish_(finish) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  const Clock& clock_;
  const Finish& finish_;
};

}  // namespace offloader::api
