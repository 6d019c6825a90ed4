#pragma once

#include <filesystem>

namespace offloader {

// Opens `path` for reading, one component at a time, following no symbolic link. Returns the descriptor,
// which the caller closes, or -1 with `errno` set: ELOOP if a component is a link. A fallback for kernels and
// sandboxes without openat2().
[[nodiscard]] int open_step_by_step(const std::filesystem::path& path);

}  // namespace offloader
