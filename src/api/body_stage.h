#pragma once

#include <memory>

#include "finish.h"
#include "offloader/telemetry/telemetry.h"
#include "stage.h"

namespace offloader::api {

// Reads the JSON body of a POST. Runs after the route stage, because a caller without a key or access learns
// that first, and the body of such a request is never read. Another content type (415) is rejected before the
// body arrives, and one that is too large (413) while it does. The exchange waits for the body, and resumes
// on its I/O thread. Bodies count in the memory for answers, so that slow clients cannot fill the memory.
class BodyStage {
 public:
  BodyStage(std::shared_ptr<ByteBudget> memory, telemetry::Metrics& metrics, const Finish& finish,
            Resume resume);

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  const std::shared_ptr<ByteBudget> memory_;
  telemetry::Counter& shed_memory_;
  const Finish& finish_;
  const Resume resume_;
};

// Returns whether the value of a Content-Type header is application/json, with any parameters.
[[nodiscard]] bool is_json_type(std::string_view content_type);

}  // namespace offloader::api
