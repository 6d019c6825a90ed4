#include "offloader/base/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace offloader {

void Descriptor::reset(int fd) noexcept {
  const int old = std::exchange(fd_, fd);
  if (old < 0) return;
  const int error = errno;
  // Linux has freed the number even where a signal interrupts this: trying again could close another
  // thread's.
  static_cast<void>(::close(old));
  errno = error;
}

bool Descriptor::close() noexcept {
  // Interrupted is closed, see above.
  return ::close(release()) == 0 || errno == EINTR;
}

}  // namespace offloader
