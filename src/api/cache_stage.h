#pragma once

#include "stage.h"

namespace offloader::api {

// Looks for the answer in the response cache. Runs after the params stage, because the plan decides which
// requests mean the same, and before the conditional stage, because a cached answer has its ETag while any
// other ETag costs an HMAC.
class CacheStage {
 public:
  explicit CacheStage(serving::Answers& answers) : answers_(answers) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  serving::Answers& answers_;
};

}  // namespace offloader::api
