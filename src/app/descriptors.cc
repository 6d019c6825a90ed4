#include "descriptors.h"

#include <algorithm>
#include <filesystem>

namespace offloader::app {
namespace {

constexpr std::size_t kAdminConnections = 64;
// Connections to stores, files of builds and of the project, pipes and timers.
constexpr std::size_t kOthers = 128;
// The active and the previous snapshot.
constexpr std::size_t kPerDataset = 2;
// What the server still opens when its ports do: listeners, and the epoll, event and timer descriptors of
// each I/O thread.
constexpr std::size_t kPorts = 16;
constexpr std::size_t kPerIoThread = 4;
// A larger limit is effectively no limit; descriptors are ints.
constexpr std::size_t kNoLimit = 1U << 30;

}  // namespace

DescriptorPlan plan_descriptors(const DescriptorNeeds& needs) {
  DescriptorPlan plan{needs.api_connections, kAdminConnections, 0};
  if (needs.limit == 0 || needs.limit > kNoLimit) return plan;
  const std::size_t own =
      needs.open + kPorts + kPerIoThread * needs.io_threads + kPerDataset * needs.datasets;
  const std::size_t room = needs.limit > own ? needs.limit - own : 0;
  // If little is left, clients get half of it.
  const std::size_t reserve = std::min(kAdminConnections + kOthers, room / 2);
  // The lowest free number is assigned, so numbers from here on are used only once all the others are.
  plan.api_ceiling = static_cast<int>(needs.limit - reserve);
  plan.admin_connections = std::clamp<std::size_t>(reserve / 2, 1, kAdminConnections);
  plan.api_connections = std::clamp<std::size_t>(room - reserve, 1, needs.api_connections);
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
