#include "process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace offloader::telemetry {
namespace {

struct Stat {
  double cpu_seconds = 0;
  double start_time = 0;
  double virtual_bytes = 0;
  double resident_bytes = 0;
  double threads = 0;
};

// Parses /proc/self/stat (proc(5)). The fields from the third on follow the closing parenthesis of the
// command.
bool read_stat(Stat& out) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return false;
  const auto close = line.rfind(')');
  if (close == std::string::npos) return false;
  std::istringstream fields(line.substr(close + 2));
  std::vector<std::string> values;
  for (std::string value; fields >> value;) values.push_back(value);
  constexpr std::size_t kUser = 11, kSystem = 12, kThreads = 17, kStart = 19, kVirtual = 20, kResident = 21;
  if (values.size() <= kResident) return false;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  double boot = 0;
  std::ifstream system("/proc/stat");
  for (std::string text; std::getline(system, text);) {
    if (text.starts_with("btime ")) boot = std::strtod(text.c_str() + 6, nullptr);
  }
  const auto number = [&](std::size_t i) { return std::strtod(values[i].c_str(), nullptr); };
  out.cpu_seconds = (number(kUser) + number(kSystem)) / ticks;
  out.start_time = boot + number(kStart) / ticks;
  out.virtual_bytes = number(kVirtual);
  out.resident_bytes = number(kResident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  out.threads = number(kThreads);
  return true;
}

}  // namespace

std::vector<ProcessMetric> process_metrics() {
  std::vector<ProcessMetric> out;
  Stat stat;
  if (read_stat(stat)) {
    out.push_back({"process_cpu_seconds_total", "Total user and system CPU time spent, in seconds.", true,
                   stat.cpu_seconds});
    out.push_back(
        {"process_resident_memory_bytes", "Resident memory size in bytes.", false, stat.resident_bytes});
    out.push_back(
        {"process_virtual_memory_bytes", "Virtual memory size in bytes.", false, stat.virtual_bytes});
    out.push_back({"process_start_time_seconds",
                   "Start time of the process since the Unix epoch, in seconds.", false, stat.start_time});
    out.push_back({"process_threads", "Number of threads of the process.", false, stat.threads});
  }
  std::error_code error;
  std::filesystem::directory_iterator descriptors("/proc/self/fd", error);
  if (!error) {
    const auto open = std::distance(begin(descriptors), end(descriptors));
    out.push_back({"process_open_fds", "Number of open file descriptors.", false, static_cast<double>(open)});
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    out.push_back({"process_max_fds", "Maximum number of open file descriptors.", false,
                   static_cast<double>(limit.rlim_cur)});
  }
  return out;
}

}  // namespace offloader::telemetry
