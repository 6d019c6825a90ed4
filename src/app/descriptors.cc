#include "descriptors.h"

#include <algorithm>
#include <filesystem>

namespace offloader::app {
namespace {

constexpr std::size_t kAdminConnections = 64;
// Connections to stores, files of builds and of the project, pipes and timers.
constexpr std::size_t kOthers = 128;
// The active and the previous snapshot, and one that is being built with its index.
constexpr std::size_t kPerDataset = 4;
// A larger limit is effectively no limit; descriptors are ints.
constexpr std::size_t kNoLimit = 1U << 30;

}  // namespace

DescriptorPlan plan_descriptors(const DescriptorNeeds& needs) {
  DescriptorPlan plan{needs.api_connections, kAdminConnections, 0};
  if (needs.limit == 0 || needs.limit > kNoLimit) return plan;
  // Of a small limit, clients get half.
  const std::size_t reserve =
      std::min(kAdminConnections + kOthers + kPerDataset * needs.datasets, needs.limit / 2);
  const std::size_t ceiling = needs.limit - reserve;
  plan.api_ceiling = static_cast<int>(ceiling);
  plan.admin_connections = std::min(kAdminConnections, std::max<std::size_t>(reserve / 2, 1));
  const std::size_t room = ceiling > needs.open ? ceiling - needs.open : 1;
  plan.api_connections = std::min(needs.api_connections, room);
  return plan;
}

std::size_t open_descriptors() {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error))
    ++count;
  return count;
}

}  // namespace offloader::app
