#pragma once

#include "stage.h"

namespace offloader::api {

// Whether the answer is there already. After the params, since only the plan says which requests mean the
// same, and before the condition, because a cached answer has its ETag and any other takes an HMAC.
class CacheStage {
 public:
  explicit CacheStage(serving::Answers& answers) : answers_(answers) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  serving::Answers& answers_;
};

}  // namespace offloader::api
