#include "offloader/base/owned_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "offloader/base/descriptor.h"

namespace offloader {
namespace {

constexpr int kDepth = 64;  // deeper than any tree that Offloader writes
constexpr mode_t kRights = 0750;

tl::unexpected<Error> errno_error(const char* action, const std::string& name) {
  const int error = errno;
  ErrorCode code = ErrorCode::unavailable;
  if (error == ENOENT) code = ErrorCode::not_found;
  if (error == ENOSPC || error == EDQUOT) code = ErrorCode::no_space;
  if (error == ELOOP || error == ENOTDIR) code = ErrorCode::conflict;
  return fail(code, "the file or folder cannot be accessed",
              std::string(action) + " " + name + ": " + std::strerror(error));
}

OwnedFolder::Kind kind_at(int folder, const char* name) {
  struct stat status {};
  if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return OwnedFolder::Kind::other;
  if (S_ISREG(status.st_mode)) return OwnedFolder::Kind::file;
  if (S_ISDIR(status.st_mode)) return OwnedFolder::Kind::folder;
  if (S_ISLNK(status.st_mode)) return OwnedFolder::Kind::link;
  return OwnedFolder::Kind::other;
}

int open_folder_at(int folder, const char* name) {
  return ::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

Result<std::vector<std::string>> names_in(int folder) {
  std::vector<std::string> names;
  Descriptor again(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!again.valid()) return errno_error("list", "the folder");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(again.get()), ::closedir);
  if (!stream) return errno_error("list", "the folder");
  static_cast<void>(again.release());  // the stream owns it now
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return errno_error("list", "the folder");
  std::sort(names.begin(), names.end());
  return names;
}

// Removes every entry of an open folder.
void remove_entries(int folder, int depth);

void remove_at(int folder, const std::string& name, int depth) {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || depth == 0) return;
  if (errno != EISDIR && errno != EPERM) return;
  Descriptor below(open_folder_at(folder, name.c_str()));
  if (!below.valid()) return;
  remove_entries(below.get(), depth - 1);
  below.reset();
  ::unlinkat(folder, name.c_str(), AT_REMOVEDIR);
}

void remove_entries(int folder, int depth) {
  const auto names = names_in(folder);
  if (!names) return;
  for (const std::string& name : *names) remove_at(folder, name, depth);
}

}  // namespace

Result<OwnedFolder> OwnedFolder::open(const std::filesystem::path& path) {
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.valid()) return errno_error("open", path.string());
  return OwnedFolder(std::move(descriptor));
}

Result<OwnedFolder> OwnedFolder::open_below(const std::string& name) const {
  Descriptor descriptor(open_folder_at(descriptor_.get(), name.c_str()));
  if (!descriptor.valid()) return errno_error("open", name);
  return OwnedFolder(std::move(descriptor));
}

Result<OwnedFolder> OwnedFolder::make_below(const std::string& name) const {
  if (::mkdirat(descriptor_.get(), name.c_str(), kRights) != 0 && errno != EEXIST)
    return errno_error("create", name);
  auto made = open_below(name);
  if (!made) return made;
  // Permissions may have been removed, or the mount may be read-only.
  if (::faccessat(made->descriptor(), ".", W_OK | X_OK, 0) != 0) return errno_error("write below", name);
  return made;
}

Result<std::vector<OwnedFolder::Entry>> OwnedFolder::entries() const {
  auto names = names_in(descriptor_.get());
  if (!names) return fail(std::move(names.error()));
  std::vector<Entry> out;
  for (std::string& name : *names) {
    const Kind kind = kind_at(descriptor_.get(), name.c_str());
    out.push_back({std::move(name), kind});
  }
  return out;
}

Result<std::string> OwnedFolder::read(const std::string& name, std::uint64_t limit) const {
  const Descriptor file(
      ::openat(descriptor_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) return errno_error("open", name);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return errno_error("read", name);
  const auto unusable = [&] {
    return fail(ErrorCode::corrupt, "the file is too large or not a regular file", name);
  };
  if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) > limit) return unusable();
  std::string bytes;
  char buffer[65536];
  while (true) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read", name);
    if (count == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(count) > limit) return unusable();
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
}

void OwnedFolder::remove(const std::string& name) const {
  if (::unlinkat(descriptor_.get(), name.c_str(), 0) != 0)
    ::unlinkat(descriptor_.get(), name.c_str(), AT_REMOVEDIR);
}

void OwnedFolder::remove_tree(const std::string& name) const {
  remove_at(descriptor_.get(), name, kDepth);
}

void OwnedFolder::remove_everything() const {
  remove_entries(descriptor_.get(), kDepth);
}

}  // namespace offloader
