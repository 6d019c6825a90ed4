#include "sharing.h"

#include "offloader/http/server.h"

namespace offloader::app {

DescriptorPlan share_descriptors(const settings::Settings& settings, std::size_t datasets,
                                 telemetry::Log& log) {
  const std::size_t limit = http::raise_file_limit();
  const DescriptorPlan plan = plan_descriptors({.limit = limit,
                                                .open = open_descriptors(),
                                                .datasets = datasets,
                                                .io_threads = settings.io_threads,
                                                .api_connections = settings.max_connections});
  if (plan.api_connections < settings.max_connections) {
    log.warning(
        "OFFLOADER_MAX_CONNECTIONS is lowered, because the limit on open files is too low for it. Raise "
        "that limit, for instance with ulimit -n or LimitNOFILE.",
        {{"configured", settings.max_connections},
         {"connections", plan.api_connections},
         {"open_files_limit", limit}});
  }
  return plan;
}

BuildPlan share_build_memory(const settings::Settings& settings, telemetry::Log& log) {
  const BuildPlan plan = plan_builds(settings.duckdb_memory_limit, settings.refresh_concurrency);
  if (plan.at_once < settings.refresh_concurrency) {
    log.warning(
        "OFFLOADER_REFRESH_CONCURRENCY is lowered, because the third of OFFLOADER_DUCKDB_MEMORY_LIMIT that "
        "all builds share is too small for it. Raise OFFLOADER_DUCKDB_MEMORY_LIMIT to build more datasets "
        "at once.",
        {{"configured", settings.refresh_concurrency},
         {"builds", plan.at_once},
         {"memory_limit", settings.duckdb_memory_limit}});
  }
  return plan;
}

}  // namespace offloader::app
