#include "server_metrics.h"

#include <filesystem>
#include <string>

namespace offloader::app {

std::shared_ptr<void> expose_server_metrics(telemetry::Metrics& metrics, executor::Executor& executor,
                                            const serving::Publication& publication,
                                            const serving::ResponseCache& cache,
                                            const ByteBudget& response_memory,
                                            const std::filesystem::path& cache_dir,
                                            const std::function<bool()>& ready) {
  const auto gauge = [&metrics](const char* name, const char* help) { return &metrics.gauge(name, help); };
  gauge("offloader_up", "1 while the process is running.")->set(1);
  auto* const ready_gauge = gauge("offloader_ready", "1 when /ready answers 200.");
  auto* const duckdb_up = gauge("offloader_duckdb_up", "1 while the serving DuckDB instance answers.");
  auto* const connections = gauge("offloader_pool_connections", "Number of read connections.");
  auto* const busy = gauge("offloader_pool_busy", "Read connections that are running a query.");
  auto* const waiting = gauge("offloader_pool_waiting", "Requests that are waiting for a read connection.");
  auto* const free_bytes =
      gauge("offloader_cache_disk_free_bytes", "Free space of the file system of the cache folder.");
  auto* const entries = gauge("offloader_response_cache_entries", "Answers in the response cache.");
  auto* const bytes = gauge("offloader_response_cache_bytes", "Bytes in the response cache.");
  gauge("offloader_response_memory_limit_bytes",
        "Limit of offloader_response_memory_bytes (OFFLOADER_RESPONSE_MEMORY).")
      ->set(static_cast<double>(response_memory.limit()));
  auto* const memory =
      gauge("offloader_response_memory_bytes",
            "Bytes of the answers outside the response cache that are being built, compressed or sent.");
  const std::string duckdb = executor.version();
  std::string last_config;
  return metrics.on_collect([=, &metrics, &executor, &publication, &cache, &response_memory]() mutable {
    ready_gauge->set(ready() ? 1 : 0);
    duckdb_up->set(executor.healthy() ? 1 : 0);
    const executor::PoolStatus pool = executor.pool_status();
    connections->set(static_cast<double>(pool.connections));
    busy->set(static_cast<double>(pool.busy));
    waiting->set(static_cast<double>(pool.waiting));
    std::error_code error;
    const auto space = std::filesystem::space(cache_dir, error);
    if (!error) free_bytes->set(static_cast<double>(space.available));
    entries->set(static_cast<double>(cache.entries()));
    bytes->set(static_cast<double>(cache.bytes()));
    memory->set(static_cast<double>(response_memory.used()));
    // Keep a single series: that of the active configuration.
    const std::string config = publication.latest()->catalog->config_version;
    if (config != last_config) {
      if (!last_config.empty()) metrics.remove("config_version", last_config);
      metrics
          .gauge("offloader_build_info", "Always 1; its labels hold the versions.",
                 {{"version", OFFLOADER_VERSION}, {"config_version", config}, {"duckdb", duckdb}})
          .set(1);
      last_config = config;
    }
  });
}

}  // namespace offloader::app
