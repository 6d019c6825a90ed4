#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "offloader/base/file.h"
#include "offloader/settings/settings.h"

extern char** environ;

namespace offloader::settings {
namespace {

constexpr std::uint64_t kMaxFile = 1 << 20;

Result<std::string> read(const std::string& path) {
  return read_file(path, kMaxFile);
}

unsigned allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  auto cpus = ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1U;
  // cgroup v2 writes `quota period` in microseconds, or `max period` without a limit.
  if (const auto limit = read("/sys/fs/cgroup/cpu.max")) {
    char* end = nullptr;
    const double quota = std::strtod(limit->c_str(), &end);
    const double period = std::strtod(end, nullptr);
    if (end != limit->c_str() && quota > 0 && period > 0)
      cpus = std::min(cpus, std::max(1U, static_cast<unsigned>(quota / period + 0.5)));
  }
  return std::max(1U, cpus);
}

std::uint64_t allowed_memory() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto page = ::sysconf(_SC_PAGESIZE);
  std::uint64_t bytes = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const auto limit = read(path);
    if (!limit) continue;
    const std::uint64_t parsed = std::strtoull(limit->c_str(), nullptr, 10);
    if (parsed > 0) bytes = std::min(bytes, parsed);
  }
  return bytes;
}

}  // namespace

Environment process_environment() {
  Environment out;
  out.get = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const char* equals = std::strchr(*entry, '=');
    if (equals != nullptr) out.names.emplace_back(static_cast<const char*>(*entry), equals);
  }
  out.cpus = allowed_cpus();
  out.memory_bytes = allowed_memory();
  out.read_file = read;
  return out;
}

}  // namespace offloader::settings
