#pragma once

#include <memory>

#include "compressor.h"
#include "offloader/serving/response_cache.h"
#include "stage.h"

namespace offloader::api {

// Compresses the answer, unless its compressed form already exists or is not worth making. Runs after the
// answer stage, whose bytes it compresses, and before the respond stage, which appends the `meta` of each
// response to the compressed part. A large answer is compressed on the compressor's threads, because it would
// hold up an I/O thread or a connection of the read pool.
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
