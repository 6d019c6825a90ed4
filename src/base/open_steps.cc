#include "open_steps.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

namespace offloader {

int open_step_by_step(const std::filesystem::path& path) {
  int folder = ::open(path.is_absolute() ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  const std::filesystem::path names = path.relative_path();
  for (auto name = names.begin(); folder >= 0 && name != names.end(); ++name) {
    const bool last = std::next(name) == names.end();
    const int flags = last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
    const int next = ::openat(folder, name->c_str(), flags | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    // O_DIRECTORY reports a link as something that is not a folder.
    struct stat status {};
    if (next < 0 && error == ENOTDIR && ::fstatat(folder, name->c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(status.st_mode)) {
      error = ELOOP;
    }
    ::close(folder);
    errno = error;
    folder = next;
  }
  return folder;
}

}  // namespace offloader
