#pragma once

#include <string>
#include <vector>

#include "offloader/serving/generation.h"

namespace offloader::admin {

struct Readiness {
  bool ready = false;
  bool draining = false;
  std::vector<std::string> waiting;  // datasets that lack a snapshot they need, sorted
};

// Returns whether a load balancer should send traffic here (admin-api.md, `/ready`; settings.md,
// OFFLOADER_READINESS).
[[nodiscard]] Readiness readiness_of(const serving::Generation& generation, bool any_is_enough,
                                     bool draining);

// Returns the body of /ready.
[[nodiscard]] std::string to_json(const Readiness& readiness);

}  // namespace offloader::admin
