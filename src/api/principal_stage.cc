#include "principal_stage.h"

#include <utility>

#include "client_address.h"
#include "offloader/identity/recent_caller.h"
#include "offloader/telemetry/shed.h"

namespace offloader::api {
namespace {

// Returns what the connection remembers of its last request; null if it cannot.
identity::RecentCaller* recent_caller(const http::Request& request) {
  std::shared_ptr<void>* const place = request.attachment();
  if (place == nullptr) return nullptr;
  if (*place == nullptr) *place = std::make_shared<identity::RecentCaller>();
  return static_cast<identity::RecentCaller*>(place->get());
}

}  // namespace

telemetry::Counter& auth_failures(telemetry::Metrics& metrics, const char* reason) {
  return metrics.counter("offloader_auth_failures_total", "Requests without valid credentials, by reason.",
                         {{"reason", reason}});
}

PrincipalStage::PrincipalStage(telemetry::Metrics& metrics, const Clock& clock,
                               const std::vector<Cidr>& trusted_proxies, const Finish& finish,
                               TokenVerifier& verifier, Resume resume)
    : shed_starting_(telemetry::shed_counter(metrics, "starting")),
      clock_(clock),
      trusted_proxies_(trusted_proxies),
      finish_(finish),
      verifier_(verifier),
      resume_(std::move(resume)) {
  const auto failures = [&](const char* reason) { return &auth_failures(metrics, reason); };
  failures_ = {nullptr,
               failures("missing"),
               failures("malformed"),
               failures("unknown"),
               failures("revoked"),
               failures("expired"),
               failures("address"),
               failures("token"),
               failures("issuer")};
}

Result<Step> PrincipalStage::run(Exchange& exchange) const {
  if (exchange.generation->number == 0) {
    shed_starting_.add();
    return fail(ErrorCode::not_ready, "the server is starting");
  }
  const identity::Principals& principals = *exchange.generation->principals;
  identity::Credentials credentials;
  identity::RecentCaller* recent = nullptr;
  if (!principals.anonymous()) {
    recent = recent_caller(*exchange.request);
    credentials = {exchange.request->header("authorization"),
                   exchange.request->header_count("authorization")};
    credentials.client_address = [this, request = exchange.request] {
      ClientAddress client = client_address(*request, trusted_proxies_);
      return client.certain ? std::move(client.address) : std::string();
    };
    if (const auto* certificate = exchange.request->client_certificate())
      credentials.certificate_names = certificate->names;
  }
  const auto found = principals.find(credentials, {clock_.now(), exchange.begun}, recent);
  if (found.outcome == identity::Outcome::unverified) {
    const auto token = identity::Principals::bearer_token(*credentials.authorization);
    verifier_.verify(exchange, token, [this](Exchange& kept, const identity::Principals::Found& verified) {
      if (auto good = judge(kept, verified); !good) return finish_.refused(kept, good.error());
      resume_(kept);
    });
    return Step::finished;
  }
  if (auto good = judge(exchange, found); !good) return fail(good.error());
  return Step::next;
}

Result<void> PrincipalStage::judge(Exchange& exchange, const identity::Principals::Found& found) const {
  exchange.principal = found.principal;
  if (found.outcome == identity::Outcome::ok) return {};
  failures_[static_cast<std::size_t>(found.outcome)]->add();
  if (!found.reason.empty()) finish_.log().refused_token(exchange, found.issuer, found.reason);
  return fail(ErrorCode::unauthorized, "a valid API key is required");
}

}  // namespace offloader::api
