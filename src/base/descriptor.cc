#include "offloader/base/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace offloader {

void Descriptor::reset(int fd) noexcept {
  const int old = std::exchange(fd_, fd);
  if (old < 0) return;
  const int error = errno;
  // Linux frees the descriptor even if a signal interrupts close(). Retrying could close a descriptor that
  // another thread has just opened.
  static_cast<void>(::close(old));
  errno = error;
}

bool Descriptor::close() noexcept {
  // EINTR means closed; see above.
  return ::close(release()) == 0 || errno == EINTR;
}

}  // namespace offloader
