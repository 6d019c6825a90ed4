#pragma once

#include "read_audit.h"
#include "repeated_queries.h"
#include "stage.h"

namespace offloader::api {

// Answers a request that repeats one from the response cache, without the params and cache stages. Runs after
// the route stage, which decides whether the caller may ask, and after the format stage, because only JSON is
// cached. Recorded reads need the names of the params, so they take the other way.
class RepeatStage {
 public:
  RepeatStage(serving::Answers& answers, RepeatedQueries& repeated, const ReadAudit& audit)
      : answers_(answers), repeated_(repeated), audit_(audit) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  serving::Answers& answers_;
  RepeatedQueries& repeated_;
  const ReadAudit& audit_;
};

}  // namespace offloader::api
