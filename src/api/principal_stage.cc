#include "principal_stage.h"

#include "offloader/identity/principals.h"
#include "offloader/telemetry/shed.h"

namespace offloader::api {

PrincipalStage::PrincipalStage(telemetry::Metrics& metrics)
    : shed_starting_(telemetry::shed_counter(metrics, "starting")) {
  const auto failures = [&](const char* reason) {
    return &metrics.counter("offloader_auth_failures_total", "Requests without a valid API key, by reason.",
                            {{"reason", reason}});
  };
  failures_ = {nullptr, failures("missing"), failures("malformed"), failures("unknown"), failures("revoked")};
}

Result<Step> PrincipalStage::run(Exchange& exchange) const {
  if (exchange.generation->number == 0) {
    shed_starting_.add();
    return fail(ErrorCode::not_ready, "the server is starting");
  }
  const identity::Principals& principals = *exchange.generation->principals;
  identity::Credentials credentials;
  if (!principals.anonymous()) {
    credentials = {exchange.request->header("authorization"),
                   exchange.request->header_count("authorization")};
  }
  const auto [outcome, principal] = principals.find(credentials);
  exchange.principal = principal;
  if (outcome == identity::Outcome::ok) return Step::next;
  failures_[static_cast<std::size_t>(outcome)]->add();
  return fail(ErrorCode::unauthorized, "a valid API key is required");
}

}  // namespace offloader::api
