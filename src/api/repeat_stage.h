#pragma once

#include "repeated_queries.h"
#include "stage.h"

namespace offloader::api {

// Answers a request that repeats one from the response cache, without the params and cache stages. Runs after
// the route stage, which decides whether the caller may ask, and after the format stage, because only JSON is
// cached.
class RepeatStage {
 public:
  RepeatStage(serving::Answers& answers, RepeatedQueries& repeated)
      : answers_(answers), repeated_(repeated) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  serving::Answers& answers_;
  RepeatedQueries& repeated_;
};

}  // namespace offloader::api
