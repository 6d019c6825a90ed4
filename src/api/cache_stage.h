#pragma once

#include "repeated_queries.h"
#include "stage.h"

namespace offloader::api {

// Looks the answer up in the response cache. Runs after the params stage, because the compiled plan is what
// identifies equivalent requests, and before the conditional stage, because a cached answer carries its ETag
// while any other ETag costs an HMAC. Remembers each hit for the repeat stage.
class CacheStage {
 public:
  CacheStage(serving::Answers& answers, RepeatedQueries& repeated) : answers_(answers), repeated_(repeated) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  serving::Answers& answers_;
  RepeatedQueries& repeated_;
};

}  // namespace offloader::api
