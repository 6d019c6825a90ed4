#pragma once

#include "batch.h"
#include "stage.h"

namespace offloader::api {

// Makes a request of a batch wait while others of the batch use all places that it may hold in the read pool.
// Runs right before the answer stage, which takes such a place, and after all stages that must run on the I/O
// thread. Passes on every other request, and those whose answer has been found in the cache.
class TurnStage {
 public:
  [[nodiscard]] Result<Step> run(Exchange& exchange) const {
    if (exchange.batch == nullptr || exchange.answer) return Step::next;
    return exchange.batch->take_turn(exchange) ? Step::next : Step::finished;
  }
};

}  // namespace offloader::api
