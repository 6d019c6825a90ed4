#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client_address.h"
#include "offloader/base/mutex.h"
#include "offloader/limits/limiter.h"
#include "offloader/telemetry/telemetry.h"
#include "stage.h"

namespace offloader::api {

// offloader_rate_limited_total by key. A series is made with the first refusal of a key; past kMostKeys, the
// others share `_other`. Each I/O thread has its own map in front of the shared one. Thread-safe.
class RefusalCounters {
 public:
  static constexpr std::size_t kMostKeys = 10'000;

  RefusalCounters(telemetry::Metrics& metrics, std::size_t readers) : metrics_(metrics), readers_(readers) {}

  // Must be called on the thread of `reader`.
  void add(std::size_t reader, const std::string& key);

 private:
  telemetry::Counter& shared(const std::string& key);

  telemetry::Metrics& metrics_;
  std::vector<std::map<std::string, telemetry::Counter*, std::less<>>> readers_;
  Mutex counters_mutex_;
  std::map<std::string, telemetry::Counter*, std::less<>> counters_ OFFLOADER_GUARDED_BY(counters_mutex_);
};

// Takes what a request needs of its caller's limits, or refuses it (429). Runs right after the principal
// stage, which says whose limits they are, and before everything else, so that a refused request costs no
// more and learns nothing. The requests of a batch enter their route here, because each counts by itself; the
// batch takes nothing, and is refused only if its first request would be. From here on the request counts in
// the usage ledger.
class LimitsStage {
 public:
  enum class Mode { take, look };

  // `limiter` may be null: nobody is limited. `name` is what the usage ledger calls a request that reaches no
  // endpoint. The references must outlive the stage.
  LimitsStage(limits::Limiter* limiter, Mode mode, std::string_view name, RefusalCounters& refused,
              const std::vector<Cidr>& trusted_proxies)
      : limiter_(limiter), mode_(mode), name_(name), refused_(refused), trusted_proxies_(trusted_proxies) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

  // Sets the headers of the limits as they are now, and takes nothing.
  void show(Exchange& exchange, SteadyTime now) const;

 private:
  // Returns the name that the caller's limits count by; `buffer` may hold it.
  [[nodiscard]] std::string_view caller_of(const Exchange& exchange, std::string& buffer) const;

  limits::Limiter* const limiter_;
  const Mode mode_;
  const std::string_view name_;
  RefusalCounters& refused_;
  const std::vector<Cidr>& trusted_proxies_;
};

// The name of all callers of a project without keys, in the usage ledger and in metrics.
inline constexpr std::string_view kAnonymous = "_anonymous";

}  // namespace offloader::api
