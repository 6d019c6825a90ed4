#pragma once

#include "finish.h"
#include "stage.h"

namespace offloader::api {

// Answers 304 if the client already has the answer, which is never so for a POST. Runs before the answer
// stage, so that a 304 costs no query, and after the cache stage, which may have found the ETag.
class ConditionalStage {
 public:
  ConditionalStage(serving::Answers& answers, const Clock& clock, const Finish& finish)
      : answers_(answers), clock_(clock), finish_(finish) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  serving::Answers& answers_;
  const Clock& clock_;
  const Finish& finish_;
};

}  // namespace offloader::api
