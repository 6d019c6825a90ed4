#include "limits_stage.h"

namespace offloader::api {
namespace {

const char* message_of(limits::Limit limit) {
  switch (limit) {
    case limits::Limit::rate:
      return "too many requests: the rate limit is reached";
    case limits::Limit::concurrent:
      return "too many requests at once";
    case limits::Limit::daily_requests:
      return "the requests of this day (UTC) are used up";
    case limits::Limit::daily_rows:
      return "the rows of this day (UTC) are used up";
  }
  return "";
}

}  // namespace

void RefusalCounters::add(std::size_t reader, const std::string& key) {
  auto& own = readers_[reader];
  auto found = own.find(key);
  if (found == own.end()) {
    telemetry::Counter& counter = shared(key);
    // Beyond the bound, do not keep a name for each key here either.
    if (own.size() >= kMostKeys) return counter.add();
    found = own.emplace(key, &counter).first;
  }
  found->second->add();
}

telemetry::Counter& RefusalCounters::shared(const std::string& key) {
  const MutexLock lock(counters_mutex_);
  const auto found = counters_.find(key);
  if (found != counters_.end()) return *found->second;
  const bool room = counters_.size() < kMostKeys;
  telemetry::Counter& counter =
      metrics_.counter("offloader_rate_limited_total", "Requests refused by a limit of the caller, by key.",
                       {{"key", room ? key : "_other"}});
  if (room) counters_.emplace(key, &counter);
  return counter;
}

std::string_view LimitsStage::caller_of(const Exchange& exchange, std::string& buffer) const {
  if (!exchange.principal->anonymous) return exchange.principal->counted_as(buffer);
  const std::string client =
      exchange.client.empty() ? client_address(*exchange.request, trusted_proxies_).address : exchange.client;
  return buffer.assign("@").append(client_network(client));
}

Result<Step> LimitsStage::run(Exchange& exchange) const {
  const identity::Principal& principal = *exchange.principal;
  const catalog::Limits* const own = principal.limits.get();
  if (limiter_ != nullptr && limiter_->applies_to(own)) {
    std::string buffer;
    const std::string_view caller = caller_of(exchange, buffer);
    exchange.admission = mode_ == Mode::take ? limiter_->admit(caller, own, exchange.begun)
                                             : limiter_->look(caller, own, exchange.begun);
    if (const auto limit = exchange.admission.refused_by()) {
      refused_.add(exchange.request->io_thread(),
                   principal.anonymous ? std::string(kAnonymous) : principal.id);
      return fail(ErrorCode::rate_limited, message_of(*limit));
    }
  }
  if (mode_ == Mode::take) exchange.counted_as = name_;
  return Step::next;
}

void LimitsStage::show(Exchange& exchange, SteadyTime now) const {
  const catalog::Limits* const own = exchange.principal->limits.get();
  if (limiter_ == nullptr || !limiter_->applies_to(own)) return;
  std::string buffer;
  exchange.admission.show(limiter_->look(caller_of(exchange, buffer), own, now));
}

}  // namespace offloader::api
