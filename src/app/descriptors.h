#pragma once

#include <cstddef>

namespace offloader::app {

// How the process's file descriptors are divided. The number of connections to the API port is up to clients,
// so it must not use up what the admin port, object stores, snapshots and DuckDB need.
struct DescriptorPlan {
  std::size_t api_connections = 0;
  std::size_t admin_connections = 0;
  int api_ceiling = 0;  // descriptors of the API port must be below this; 0: no bound
};

struct DescriptorNeeds {
  std::size_t limit = 0;  // the current RLIMIT_NOFILE; 0: unknown
  std::size_t open = 0;   // open now, before the snapshots and the ports
  std::size_t datasets = 0;
  std::size_t io_threads = 1;
  std::size_t api_connections = 0;  // the configured maximum
};

// Divides the descriptors. Pure. If the server's own files leave little, the API port gets half of the rest.
// Requires: needs.api_connections > 0.
[[nodiscard]] DescriptorPlan plan_descriptors(const DescriptorNeeds& needs);

// Returns how many descriptors this process has open; 0 if that is unknown.
[[nodiscard]] std::size_t open_descriptors();

}  // namespace offloader::app
