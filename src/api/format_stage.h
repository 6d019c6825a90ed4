#pragma once

#include "stage.h"

namespace offloader::api {

// In which form the answer goes out: its format, of which endpoints have JSON alone, and its encoding. Before
// the params, since what cannot be answered in an acceptable form is refused before it is looked at, and
// before the cache, whose keys hold the format.
class FormatStage {
 public:
  [[nodiscard]] Result<Step> run(Exchange& exchange) const;
};

}  // namespace offloader::api
