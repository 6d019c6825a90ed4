#include "module_options.h"

#include <unistd.h>

#include <algorithm>

namespace offloader::app {

telemetry::TelemetryOptions telemetry_options(const settings::Settings& settings) {
  const bool text = settings.log_format == settings::LogFormat::text ||
                    (settings.log_format == settings::LogFormat::automatic && ::isatty(STDERR_FILENO) == 1);
  return {.level = static_cast<telemetry::Level>(settings.log_level),
          .format = text ? telemetry::LogFormat::text : telemetry::LogFormat::json,
          .log_fd = STDERR_FILENO};
}

audit::AuditOptions audit_options(const settings::Settings& settings) {
  return {.path = settings.audit_log,
          .head_path = (settings.cache_dir / "audit-head").string(),
          .required = settings.audit_required,
          .secret = settings.secret_key_base};
}

local_executor::Options local_options(const settings::Settings& settings) {
  local_executor::Options out;
  out.cache_dir = settings.cache_dir;
  out.pool_size = settings.pool_size;
  out.pool_wait = settings.pool_wait;
  out.remote_cap = settings.remote_scan_concurrency;
  out.query_timeout = settings.query_timeout;
  out.threads = settings.duckdb_threads;
  out.memory_limit = settings.duckdb_memory_limit;
  out.use_index = settings.index;
  return out;
}

duckdb::ParquetOptions parquet_options(const settings::Settings& settings) {
  // A writer takes up to about 40 MiB (measured, with the longest row groups), and an endpoint runs two
  // exports unless its contract says otherwise.
  constexpr std::uint64_t kLeast = 96ULL << 20;
  return {.folder = settings.cache_dir / "exports",
          .memory_limit = std::max(settings.duckdb_memory_limit / 8, kLeast)};
}

api::ApiOptions api_options(const settings::Settings& settings) {
  api::ApiOptions out;
  out.cors_origins = settings.cors_origins;
  out.access_log = static_cast<api::AccessLog>(settings.access_log);
  out.trusted_proxies = settings.trusted_proxies;
  out.compression_threads = std::max<std::size_t>(settings.io_threads / 2, 1);
  out.batch_max = settings.batch_max;
  return out;
}

}  // namespace offloader::app
