#include "offloader/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "offloader/base/descriptor.h"
#include "open_steps.h"

namespace offloader {
namespace {

tl::unexpected<Error> fail_with_errno(const char* action, const std::filesystem::path& path) {
  const int error = errno;
  ErrorCode code = ErrorCode::unavailable;
  if (error == ENOENT || error == ENOTDIR) code = ErrorCode::not_found;
  if (error == ENOSPC || error == EDQUOT) code = ErrorCode::no_space;
  const char* const message = code == ErrorCode::no_space    ? "the disk is full"
                              : code == ErrorCode::not_found ? "no such file or folder"
                                                             : "the file cannot be accessed";
  return fail(code, message, fmt::format("{} {}: {}", action, path.string(), std::strerror(error)));
}

}  // namespace

namespace {

// Opens in one system call on Linux 5.6 and later. Sandboxes may forbid it (EPERM).
int open_at_once(const std::filesystem::path& path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_NO_SYMLINKS;
  return static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how));
}

}  // namespace

Result<int> open_without_links(const std::filesystem::path& path) {
  int opened = open_at_once(path);
  if (opened < 0 && (errno == ENOSYS || errno == EPERM)) opened = open_step_by_step(path);
  if (opened < 0 && errno == ELOOP) {
    return fail(ErrorCode::changed, "the path contains a symbolic link, which is not followed",
                path.string());
  }
  if (opened < 0) return fail_with_errno("open", path);
  Descriptor file(opened);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail_with_errno("stat", path);
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::not_found, "not a regular file", path.string() + " is not a regular file");
  return file.release();
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit) {
  // O_NONBLOCK: opening a FIFO would otherwise block until a writer appears.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return fail_with_errno("open", path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail_with_errno("stat", path);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::unavailable, "not a regular file",
                fmt::format("{} is not a regular file", path.string()));
  }
  std::string bytes;
  if (status.st_size > 0) bytes.reserve(std::min(static_cast<std::uint64_t>(status.st_size), limit));
  char buffer[65536];
  while (true) {
    const ssize_t count = read_some(file.get(), buffer, sizeof buffer);
    if (count < 0) return fail_with_errno("read", path);
    if (count == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(count) > limit) {
      return fail(ErrorCode::too_large, fmt::format("the file is larger than {} bytes", limit),
                  path.string());
    }
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
}

namespace {

// `like` gives the permissions and the owner of the new file, if it is not null.
Result<void> write_and_rename(const std::filesystem::path& path, std::string_view bytes, mode_t mode,
                              const struct stat* like) {
  static std::atomic<unsigned> counter{0};
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}.{}.tmp", ::getpid(), counter.fetch_add(1));
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  // Opened first: once the file is renamed, only the disk itself may still fail.
  const Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return fail_with_errno("open", parent);
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.valid()) return fail_with_errno("create", temporary);
  const auto give_up = [&](const char* action) {
    auto error = fail_with_errno(action, temporary);
    ::unlink(temporary.c_str());
    return error;
  };
  if (like != nullptr) {
    if (::fchown(file.get(), like->st_uid, like->st_gid) != 0) {
      ::unlink(temporary.c_str());
      return fail(ErrorCode::conflict,
                  "the file belongs to another user, so only root or that user can replace it",
                  fmt::format("{}: user {}, group {}", path.string(), like->st_uid, like->st_gid));
    }
    if (::fchmod(file.get(), like->st_mode & 07777U) != 0) return give_up("chmod");
  }
  if (!write_all(file.get(), bytes.data(), bytes.size())) return give_up("write");
  if (::fsync(file.get()) != 0) return give_up("sync");
  if (!file.close()) return give_up("close");
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up("rename");
  if (::fsync(folder.get()) != 0) return fail_with_errno("sync", parent);
  return {};
}

}  // namespace

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes, FileMode mode) {
  return write_and_rename(path, bytes, static_cast<mode_t>(mode), nullptr);
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return fail_with_errno("stat", path);
  return write_and_rename(path, bytes, static_cast<mode_t>(FileMode::secret), &status);
}

Result<void> create_folders(const std::filesystem::path& path, unsigned mode) {
  std::filesystem::path made;
  for (const std::filesystem::path& part : path) {
    made /= part;
    if (::mkdir(made.c_str(), static_cast<mode_t>(mode)) == 0 || errno == EEXIST) continue;
    // mkdir() can fail with another error than EEXIST for a folder that exists, such as EROFS on a read-only
    // mount.
    const int error = errno;
    struct stat status {};
    if (::stat(made.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) continue;
    errno = error;
    return fail_with_errno("create", made);
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return fail_with_errno("stat", path);
  if (S_ISDIR(status.st_mode)) return {};
  errno = ENOTDIR;
  return fail_with_errno("create", path);
}

void restrict_new_files() {
  constexpr mode_t kOthers = 0027;
  ::umask(::umask(kOthers) | kOthers);
}

Result<void> sync_path(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_with_errno("open", path);
  if (::fsync(file.get()) != 0) return fail_with_errno("sync", path);
  return {};
}

}  // namespace offloader
