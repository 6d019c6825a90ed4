#pragma once

#include <filesystem>

namespace offloader {

// open() for reading, name by name, each of them without following a symbolic link: ELOOP where there is one.
// For kernels and sandboxes without openat2().
[[nodiscard]] int open_step_by_step(const std::filesystem::path& path);

}  // namespace offloader
