#include "usage_ledger.h"

#include <chrono>

#include "offloader/base/clock.h"

namespace offloader::app {

Result<std::unique_ptr<usage::Ledger>> open_usage_ledger(const settings::Settings& settings,
                                                         const catalog::Catalog& catalog,
                                                         limits::Limiter& limiter,
                                                         telemetry::Telemetry& telemetry) {
  if (settings.usage_days == 0) {
    if (catalog.has_daily_limits()) {
      telemetry.log().warning(
          "The project has daily limits, but OFFLOADER_USAGE_DAYS is 0, so their counters begin again with "
          "each start of the server.");
    }
    return nullptr;
  }
  usage::LedgerOptions options;
  options.folder = settings.cache_dir / "usage";
  options.days = settings.usage_days;
  auto ledger = usage::Ledger::open(std::move(options), real_clock(), telemetry.log());
  if (!ledger) return ledger;
  const auto today = std::chrono::floor<std::chrono::days>(real_clock().now());
  (*ledger)->read_day(today, [&](const std::string& key, std::int64_t requests, std::int64_t rows) {
    limiter.restore(key, today, {.requests = requests, .rows = rows});
  });
  if (auto started = (*ledger)->start(); !started) return fail(started.error());
  return ledger;
}

}  // namespace offloader::app
