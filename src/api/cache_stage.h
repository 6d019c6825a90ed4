#pragma once

#include "stage.h"

namespace offloader::api {

// Looks the answer up in the response cache. Runs after the params stage, because the compiled plan is what
// identifies equivalent requests, and before the conditional stage, because a cached answer carries its ETag
// while any other ETag costs an HMAC.
class CacheStage {
 public:
  explicit CacheStage(serving::Answers& answers) : answers_(answers) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  serving::Answers& answers_;
};

}  // namespace offloader::api
