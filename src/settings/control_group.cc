#include "control_group.h"

#include <algorithm>
#include <cstdlib>

namespace offloader::settings {
namespace {

// The quota and the period of the CPU time, in microseconds. A quota that is not positive is no limit.
struct CpuTime {
  double quota = 0;
  double period = 0;
};

CpuTime cpu_time(const ReadFile& read) {
  // cgroup v2 writes `quota period`, or `max period` without a limit; v1 has a file for each, and -1 without
  // a limit.
  if (const auto both = read("/sys/fs/cgroup/cpu.max")) {
    char* end = nullptr;
    const double quota = std::strtod(both->c_str(), &end);
    return {quota, std::strtod(end, nullptr)};
  }
  const auto quota = read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const auto period = read("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (!quota || !period) return {};
  return {std::strtod(quota->c_str(), nullptr), std::strtod(period->c_str(), nullptr)};
}

}  // namespace

unsigned allowed_cpus(unsigned available, const ReadFile& read) {
  const CpuTime time = cpu_time(read);
  if (time.quota <= 0 || time.period <= 0) return std::max(1U, available);
  const double cpus = time.quota / time.period + 0.5;
  if (cpus >= available) return std::max(1U, available);
  return std::max(1U, static_cast<unsigned>(cpus));
}

std::uint64_t allowed_memory(std::uint64_t available, const ReadFile& read) {
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const auto limit = read(path);
    if (!limit) continue;
    const std::uint64_t parsed = std::strtoull(limit->c_str(), nullptr, 10);
    if (parsed > 0) available = std::min(available, parsed);
  }
  return available;
}

}  // namespace offloader::settings
