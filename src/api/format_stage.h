#pragma once

#include "stage.h"

namespace offloader::api {

// Chooses the format of the answer, by the param `format` or by Accept, and its encoding. Runs before the
// params stage, because the contract reports an unacceptable format before a bad param, and before the cache
// stage, because the format is part of the cache key. Decodes the params if it needs them.
class FormatStage {
 public:
  [[nodiscard]] Result<Step> run(Exchange& exchange) const;
};

}  // namespace offloader::api
