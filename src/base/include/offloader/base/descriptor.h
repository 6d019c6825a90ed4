#pragma once

#include <utility>

namespace offloader {

// The owner of a file descriptor: closes it when it goes. Move-only; a Descriptor is used by one thread at a
// time. Empty (-1) after a failed open(), which a caller may pass in as it is. Closing keeps `errno`, so that
// a Descriptor may go before the failure of a call is reported.
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

  // Closes what is owned, and owns `fd` from now on.
  void reset(int fd = -1) noexcept;
  // Gives up ownership: the caller closes.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  // Closes, and returns whether the file system has taken everything that was written; `errno` says why not.
  // Requires: valid(). Empty afterwards, whatever it returns.
  [[nodiscard]] bool close() noexcept;

 private:
  int fd_ = -1;
};

}  // namespace offloader
