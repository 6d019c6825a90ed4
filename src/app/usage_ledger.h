#pragma once

#include <memory>

#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/limits/limiter.h"
#include "offloader/settings/settings.h"
#include "offloader/telemetry/telemetry.h"
#include "offloader/usage/ledger.h"

namespace offloader::app {

// Opens and starts the usage ledger in the cache folder, and gives the limits their counters of the day back.
// Returns null if OFFLOADER_USAGE_DAYS is 0. Errors: those of Ledger::open() and start().
[[nodiscard]] Result<std::unique_ptr<usage::Ledger>> open_usage_ledger(const settings::Settings& settings,
                                                                       const catalog::Catalog& catalog,
                                                                       limits::Limiter& limiter,
                                                                       telemetry::Telemetry& telemetry);

}  // namespace offloader::app
