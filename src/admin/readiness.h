#pragma once

#include <chrono>
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

// Returns the body of /status. An uptime below zero, after the clock was set back, counts as zero.
[[nodiscard]] std::string status_json(bool ready, std::chrono::seconds uptime);

}  // namespace offloader::admin
