#include "token_gate.h"

#include "offloader/base/crypto.h"

namespace offloader::admin {

TokenGate::TokenGate(std::string token, const Clock& clock, telemetry::Metrics& metrics)
    : wanted_(token.empty() ? std::string() : "Bearer " + std::move(token)),
      wrong_tokens_(clock),
      failures_(metrics.counter("offloader_admin_auth_failures_total",
                                "Requests to the admin port without the right token.")) {}

bool TokenGate::is_right(const http::Request& request) const {
  const std::string_view sent = request.header("authorization").value_or(std::string_view{});
  // Hash both first, so that the time does not depend on the content or the length of the admin token.
  const Sha256 wanted = sha256(wanted_);
  const Sha256 got = sha256(sent);
  const auto view = [](const Sha256& digest) {
    return std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
  };
  return equal_in_constant_time(view(wanted), view(got)) && request.header_count("authorization") == 1;
}

TokenGate::Decision TokenGate::decide(const http::Request& request) {
  if (wanted_.empty()) return {.verdict = Verdict::disabled};
  if (is_right(request)) return {.verdict = Verdict::accepted};
  failures_.add();
  // A request without a token is not a guess, so it is rejected but does not count towards the limit of its
  // address.
  if (request.header_count("authorization") == 0) return {.verdict = Verdict::refused};
  const auto retry_after = wrong_tokens_.record(request.peer());
  if (!retry_after) return {.verdict = Verdict::refused};
  return {.verdict = Verdict::limited, .retry_after = *retry_after};
}

}  // namespace offloader::admin
