#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "control_group.h"
#include "offloader/base/file.h"
#include "offloader/settings/settings.h"

extern char** environ;

namespace offloader::settings {
namespace {

constexpr std::uint64_t kMaxFile = 1 << 20;

Result<std::string> read(const std::string& path) {
  return read_file(path, kMaxFile);
}

unsigned available_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1U;
}

std::uint64_t available_memory() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto page = ::sysconf(_SC_PAGESIZE);
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
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
  out.cpus = allowed_cpus(available_cpus(), read);
  out.memory_bytes = allowed_memory(available_memory(), read);
  out.read_file = read;
  return out;
}

}  // namespace offloader::settings
