#pragma once

#include <cstddef>

namespace offloader::app {

// How the file descriptors that the process may have are shared out. Connections of the API port come and go
// as clients like, and must not take what the admin port, object stores, snapshots and DuckDB need.
struct DescriptorPlan {
  std::size_t api_connections = 0;
  std::size_t admin_connections = 0;
  int api_ceiling = 0;  // descriptors of the API port lie below; 0: no bound
};

struct DescriptorNeeds {
  std::size_t limit = 0;  // RLIMIT_NOFILE as it holds; 0: unknown
  std::size_t open = 0;   // now
  std::size_t datasets = 0;
  std::size_t api_connections = 0;  // wanted
};

[[nodiscard]] DescriptorPlan plan_descriptors(const DescriptorNeeds& needs);

// How many descriptors this process has open; 0 when that cannot be known.
[[nodiscard]] std::size_t open_descriptors();

}  // namespace offloader::app
