#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace offloader::engine {

// A nameless file beside the one being built: written once from front to end, then read once. What an index
// build cannot place yet waits here instead of in memory. One thread. A failure sticks and shows in `ok` and
// `error`.
class IndexSpill {
 public:
  explicit IndexSpill(const std::filesystem::path& folder);
  ~IndexSpill();
  IndexSpill(IndexSpill&& other) noexcept;
  IndexSpill& operator=(IndexSpill&&) = delete;

  void append(const void* data, std::size_t bytes);

  void rewind();  // from here on only `read`
  // Exactly `bytes` bytes; false at the end or on failure.
  [[nodiscard]] bool read(void* data, std::size_t bytes);

  [[nodiscard]] bool ok() const { return error_ == 0; }
  [[nodiscard]] int error() const { return error_; }  // errno

 private:
  void flush();

  int fd_ = -1;
  int error_ = 0;
  std::string buffer_;
  std::size_t at_ = 0;
};

}  // namespace offloader::engine
