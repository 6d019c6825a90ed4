#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "offloader/admin/operations.h"
#include "offloader/executor/executor.h"
#include "offloader/serving/publication.h"
#include "offloader/serving/response_cache.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::app {

// Registers the gauges that are read from the running parts at each scrape (admin-api.md, "Metrics"): of the
// process, the read pool, the response cache and the disk. They stay registered as long as the returned token
// lives; the parts must outlive it.
[[nodiscard]] std::shared_ptr<void> expose_server_metrics(
    telemetry::Metrics& metrics, executor::Executor& executor, const serving::Publication& publication,
    const serving::ResponseCache& cache, const ByteBudget& response_memory,
    const std::filesystem::path& cache_dir, const std::function<bool()>& ready);

}  // namespace offloader::app
