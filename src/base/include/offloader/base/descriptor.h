#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace offloader {

// Owns a file descriptor and closes it in the destructor. Move-only; used by one thread at a time. The result
// of a failed open() may be passed in: -1 makes an empty Descriptor. The destructor and reset() preserve
// `errno`, so a Descriptor may go out of scope before the failure of another call is reported.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

  // Closes the owned descriptor and takes ownership of `fd`.
  void reset(int fd = -1) noexcept;
  // Gives up ownership; the caller must close the descriptor.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  // Closes the descriptor and leaves this empty. Returns false with `errno` set if the file system reports
  // that it did not store everything written. Requires: valid().
  [[nodiscard]] bool close() noexcept;

 private:
  int fd_ = -1;
};

// These retry a call that a signal interrupts, and continue after a partial write. Blocking. They report
// failures through `errno`.

// Writes all bytes at the descriptor's position. Returns false on failure, when some of them may have been
// written.
[[nodiscard]] bool write_all(int fd, const void* data, std::size_t bytes) noexcept;
// Writes all bytes at an offset, and keeps the position. Returns false as write_all() does.
[[nodiscard]] bool write_all_at(int fd, const void* data, std::size_t bytes, std::uint64_t offset) noexcept;
// Reads at most `bytes` bytes at the descriptor's position. Returns how many: 0 at the end, -1 on failure.
[[nodiscard]] ssize_t read_some(int fd, void* data, std::size_t bytes) noexcept;

}  // namespace offloader
