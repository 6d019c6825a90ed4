#pragma once

#include <memory>

#include "batch.h"
#include "finish.h"
#include "stage.h"

namespace offloader::api {

// Answers `POST /v1/batch`: begins every request of the body. Runs after the body stage. The batch continues
// with the stages that compress and send its answer when all its requests have been answered.
class BatchStage {
 public:
  BatchStage(std::size_t most, std::shared_ptr<ByteBudget> memory, const Clock& clock, const Finish& finish,
             Batch::Steps steps)
      : most_(most), memory_(std::move(memory)), clock_(&clock), finish_(finish), steps_(std::move(steps)) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  const std::size_t most_;
  const std::shared_ptr<ByteBudget> memory_;
  const Clock* const clock_;
  const Finish& finish_;
  const Batch::Steps steps_;
};

}  // namespace offloader::api
