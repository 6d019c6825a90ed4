#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "offloader/base/result.h"

// The limits that the control group of this process sets, in cgroup v2 or v1. `read` returns the bytes of a
// file; a file that it cannot read sets no limit.
namespace offloader::settings {

using ReadFile = std::function<Result<std::string>(const std::string& path)>;

// Returns how many of the `available` CPUs the process may use: the quota rounded to whole CPUs, at least 1.
[[nodiscard]] unsigned allowed_cpus(unsigned available, const ReadFile& read);

// Returns how many of the `available` bytes of memory the process may use.
[[nodiscard]] std::uint64_t allowed_memory(std::uint64_t available, const ReadFile& read);

}  // namespace offloader::settings
