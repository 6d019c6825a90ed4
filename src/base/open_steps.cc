#include "open_steps.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "offloader/base/descriptor.h"

namespace offloader {

int open_step_by_step(const std::filesystem::path& path) {
  Descriptor folder(::open(path.is_absolute() ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const std::filesystem::path names = path.relative_path();
  for (auto name = names.begin(); folder.valid() && name != names.end(); ++name) {
    const bool last = std::next(name) == names.end();
    const int flags = last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
    const int next = ::openat(folder.get(), name->c_str(), flags | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    // With O_DIRECTORY, openat() fails with ENOTDIR rather than ELOOP for a link.
    struct stat status {};
    if (next < 0 && error == ENOTDIR &&
        ::fstatat(folder.get(), name->c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(status.st_mode)) {
      error = ELOOP;
    }
    errno = error;
    folder.reset(next);
  }
  return folder.release();
}

}  // namespace offloader
