#pragma once

#include "stage.h"

namespace offloader::api {

// Chooses the format (today always JSON) and the encoding of the answer. Runs before the params stage,
// because the contract reports an unacceptable format before a bad param, and before the cache stage, because
// the format is part of the cache key.
class FormatStage {
 public:
  [[nodiscard]] Result<Step> run(Exchange& exchange) const;
};

}  // namespace offloader::api
