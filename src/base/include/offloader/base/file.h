#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

// Reading and writing whole files. Any thread may call these functions unless noted. They fail with
// `not_found`, `no_space` (ENOSPC, EDQUOT), `too_large`, or else `unavailable`; the detail names the path and
// errno.
namespace offloader {

// Reads a whole regular file of at most `limit` bytes.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit);

// Permissions of the files Offloader creates, before the process's umask. The cache folder holds tenants'
// data, so only our user and group may read it; secrets and files that may contain some are for our user
// only.
enum class FileMode : unsigned { ordinary = 0644, cache = 0640, secret = 0600 };
inline constexpr unsigned kCacheFolderMode = 0750;

// Opens a regular file for reading without following a symbolic link in any component of `path`, so that a
// link planted after the path was resolved is not followed. Fails with `changed` if a component is a link,
// and with `not_found` also if the path is not a regular file. The caller closes the descriptor.
[[nodiscard]] Result<int> open_without_links(const std::filesystem::path& path);

// Writes `bytes` to a temporary file next to `path`, syncs it, renames it over `path` and syncs the folder.
// After a crash, `path` holds either the old content or the new.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes,
                                                 FileMode mode = FileMode::ordinary);

// As write_file_atomically(), for a file that exists: the new one has its permissions and its owner. `path`
// must not be a symbolic link, which would be replaced by the file. Fails with `conflict` if this process may
// not create a file of that owner.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes);

// Creates a folder and its missing parents with permissions `mode`. Existing folders keep theirs.
[[nodiscard]] Result<void> create_folders(const std::filesystem::path& path,
                                          unsigned mode = kCacheFolderMode);

// Extends the process's umask so that new files and folders are never group-writable or accessible to other
// users, whatever mode a library requests. Requires: no other thread is running yet. Idempotent.
void restrict_new_files();

// Calls fsync on the file or folder at `path`.
[[nodiscard]] Result<void> sync_path(const std::filesystem::path& path);

}  // namespace offloader
