#include "offloader/base/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace offloader {
namespace {

// Calls `write(from, bytes, done)`, which writes some of the bytes that are left, until all are written.
template <typename Write>
bool write_in_parts(const void* data, std::size_t bytes, Write write) {
  const auto* const from = static_cast<const char*>(data);
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t n = write(from + done, bytes - done, done);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = ENOSPC;  // the system gives no reason
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

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

bool write_all(int fd, const void* data, std::size_t bytes) noexcept {
  return write_in_parts(data, bytes, [fd](const char* from, std::size_t left, std::size_t /*done*/) {
    return ::write(fd, from, left);
  });
}

bool write_all_at(int fd, const void* data, std::size_t bytes, std::uint64_t offset) noexcept {
  return write_in_parts(data, bytes, [fd, offset](const char* from, std::size_t left, std::size_t done) {
    return ::pwrite(fd, from, left, static_cast<off_t>(offset + done));
  });
}

ssize_t read_some(int fd, void* data, std::size_t bytes) noexcept {
  while (true) {
    const ssize_t n = ::read(fd, data, bytes);
    if (n >= 0 || errno != EINTR) return n;
  }
}

}  // namespace offloader
