#pragma once

#include "finish.h"
#include "stage.h"

namespace offloader::api {

// Whether the client has the answer already (304). Before the answer is made, so that it costs no query;
// after the cache, which may have the ETag.
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
