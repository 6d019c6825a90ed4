#pragma once

#include "finish.h"
#include "stage.h"

namespace offloader::api {

// Answers `GET /v1`: the endpoints that the caller may call, sorted by name, or 304 if the client has that
// list. Runs before the stages that compress and send it.
class ListStage {
 public:
  explicit ListStage(const Finish& finish) : finish_(finish) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  const Finish& finish_;
};

}  // namespace offloader::api
