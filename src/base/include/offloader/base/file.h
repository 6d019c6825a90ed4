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

// Rights of what we write, before the process's umask. The cache folder's is for us and our group, since it
// holds the data; secrets and what may hold some are for us alone.
enum class FileMode : unsigned { ordinary = 0644, cache = 0640, secret = 0600 };
inline constexpr unsigned kCacheFolderMode = 0750;

// Opens a regular file for reading, following no symbolic link in any part of `path`: a link that is put in
// the way of a path that was resolved before is not followed anywhere. `changed` where there is a link,
// `not_found` also for anything that is not a regular file. The caller closes the descriptor.
[[nodiscard]] Result<int> open_without_links(const std::filesystem::path& path);

// Writes `bytes` to a temporary name beside `path`, syncs it, renames it over `path` and syncs the folder:
// after a crash there is the old file or the new one.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes,
                                                 FileMode mode = FileMode::ordinary);

// Creates a folder and those above it, with these rights; the rights of folders that are there stay.
[[nodiscard]] Result<void> create_folders(const std::filesystem::path& path,
                                          unsigned mode = kCacheFolderMode);

// From now on, nothing that this process creates is readable or writable by others than its user and group,
// whatever a library asks for. Call before there are threads; again changes nothing.
void restrict_new_files();

// fsync of a file or folder by path.
[[nodiscard]] Result<void> sync_path(const std::filesystem::path& path);

}  // namespace offloader
