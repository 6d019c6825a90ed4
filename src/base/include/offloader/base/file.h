#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

// Files of ours, whole. Errors: `not_found`, `no_space` (ENOSPC, EDQUOT), `too_large`, else `unavailable`;
// the detail names path and errno.
namespace offloader {

// Reads a whole regular file of at most `limit` bytes.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit);

// Writes `bytes` to a temporary name beside `path`, syncs it, renames it over `path` and syncs the folder:
// after a crash there is the old file or the new one.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// fsync of a file or folder by path.
[[nodiscard]] Result<void> sync_path(const std::filesystem::path& path);

}  // namespace offloader
