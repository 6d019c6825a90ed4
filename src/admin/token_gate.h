#pragma once

#include <chrono>
#include <string>

#include "failure_limiter.h"
#include "offloader/base/clock.h"
#include "offloader/http/message.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::admin {

// Decides whether a request may use the routes that need the admin token (admin-api.md). Counts refusals in
// offloader_admin_auth_failures_total and limits how many wrong tokens an address may send a minute. The
// right token is always accepted, also from a limited address: a flood behind the same address must not lock
// the operator out. Any thread.
class TokenGate {
 public:
  enum class Verdict { accepted, disabled, refused, limited };

  struct Decision {
    Verdict verdict = Verdict::refused;
    std::chrono::seconds retry_after{0};  // of `limited`
  };

  // An empty token disables the routes.
  TokenGate(std::string token, const Clock& clock, telemetry::Metrics& metrics);

  [[nodiscard]] Decision decide(const http::Request& request);

 private:
  [[nodiscard]] bool is_right(const http::Request& request) const;

  std::string wanted_;  // the whole header value; empty: disabled
  FailureLimiter wrong_tokens_;
  telemetry::Counter& failures_;
};

}  // namespace offloader::admin
