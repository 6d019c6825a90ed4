#pragma once

#include "finish.h"
#include "stage.h"

namespace offloader::api {

// Sends the answer (200) of a route that is no endpoint's: a batch or the list of endpoints. Runs last, after
// the compress stage.
class SendStage {
 public:
  explicit SendStage(const Finish& finish) : finish_(finish) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  const Finish& finish_;
};

}  // namespace offloader::api
