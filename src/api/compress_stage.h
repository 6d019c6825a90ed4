#pragma once

#include <memory>

#include "compressor.h"
#include "offloader/serving/response_cache.h"
#include "stage.h"

namespace offloader::api {

// Makes the compressed form of the answer, unless it is there or not wanted. After the answer, whose bytes it
// takes, and before the response, whose `meta` differs each time and is joined to the compressed part. An
// answer that takes long to compress waits for another thread; neither an I/O thread nor a connection of the
// pool has the time.
class CompressStage {
 public:
  CompressStage(Compressor& compressor, serving::ResponseCache& cache, std::shared_ptr<ByteBudget> memory,
                const Clock& clock, Resume resume)
      : compressor_(compressor),
        cache_(cache),
        memory_(std::move(memory)),
        clock_(clock),
        resume_(std::move(resume)) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  [[nodiscard]] bool worth_it(const Exchange& exchange) const;
  void account(const Exchange& exchange) const;

  Compressor& compressor_;
  serving::ResponseCache& cache_;
  const std::shared_ptr<ByteBudget> memory_;
  const Clock& clock_;
  const Resume resume_;
};

}  // namespace offloader::api
