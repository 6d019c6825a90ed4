#pragma once

#include <array>
#include <vector>

#include "finish.h"
#include "offloader/base/cidr.h"
#include "offloader/identity/principals.h"
#include "offloader/telemetry/telemetry.h"
#include "stage.h"
#include "token_verifier.h"

namespace offloader::api {

// Returns the counter of requests that are refused because of their credentials, by reason.
[[nodiscard]] telemetry::Counter& auth_failures(telemetry::Metrics& metrics, const char* reason);

// Identifies the caller. Runs first, so that a caller without a valid key learns nothing: an unknown endpoint
// and a bad param are both 401. Only one check precedes it: a server that is starting has no project and so
// no keys, and answers 503. A JWT that was not verified before waits in the verifier, and the exchange
// resumes on its I/O thread.
class PrincipalStage {
 public:
  // `trusted_proxies` must outlive it.
  PrincipalStage(telemetry::Metrics& metrics, const Clock& clock, const std::vector<Cidr>& trusted_proxies,
                 const Finish& finish, TokenVerifier& verifier, Resume resume);

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  [[nodiscard]] Result<void> judge(Exchange& exchange, const identity::Principals::Found& found) const;

  std::array<telemetry::Counter*, 9> failures_{};  // by identity::Outcome
  telemetry::Counter& shed_starting_;
  const Clock& clock_;
  const std::vector<Cidr>& trusted_proxies_;
  const Finish& finish_;
  TokenVerifier& verifier_;
  const Resume resume_;
};

}  // namespace offloader::api
