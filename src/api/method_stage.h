#pragma once

#include "stage.h"

namespace offloader::api {

// Rejects a method that the route does not have (405). Runs after the principal stage: without a valid key
// every method is answered alike. Routes for endpoints have the route stage instead.
class MethodStage {
 public:
  explicit MethodStage(const char* remedy) : remedy_(remedy) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const {
    if (exchange.takes_method) return Step::next;
    return fail(ErrorCode::method_not_allowed, remedy_);
  }

 private:
  const char* remedy_;
};

}  // namespace offloader::api
