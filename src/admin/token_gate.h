#pragma once

#include <chrono>
#include <string>

#include "failure_limiter.h"
#include "offloader/base/clock.h"
#include "offloader/http/message.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::admin {

// Decides whether a request may use the routes that need the admin token (admin-api.md). Counts rejections in
// offloader_admin_auth_failures_total and limits how many wrong tokens an address may send per minute. The
// right token is always accepted, even from a limited address, so that an attack from the same address cannot
// lock the operator out. Thread-safe.
class TokenGate {
 public:
  enum class Verdict { accepted, disabled, refused, limited };

  struct Decision {
    Verdict verdict = Verdict::refused;
    std::chrono::seconds retry_after{0};  // set if `limited`
  };

  // An empty token disables the routes.
  TokenGate(std::string token, const Clock& clock, telemetry::Metrics& metrics);

  // Returns the verdict on a request, and records it if it is rejected.
  [[nodiscard]] Decision decide(const http::Request& request);

 private:
  [[nodiscard]] bool is_right(const http::Request& request) const;

  std::string wanted_;  // the expected Authorization header; empty: disabled
  FailureLimiter wrong_tokens_;
  telemetry::Counter& failures_;
};

}  // namespace offloader::admin
