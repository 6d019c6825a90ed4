#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "offloader/base/descriptor.h"

namespace offloader::index {

// A nameless file beside the one being built: written once from front to end, then read once. What an index
// build cannot place yet waits here instead of in memory. One thread. A failure sticks and shows in `ok` and
// `error`.
class Spill {
 public:
  explicit Spill(const std::filesystem::path& folder);

  void append(const void* data, std::size_t bytes);

  void rewind();  // from here on only `read`
  // Exactly `bytes` bytes; false at the end or on failure.
  [[nodiscard]] bool read(void* data, std::size_t bytes);

  [[nodiscard]] bool ok() const { return error_ == 0; }
  [[nodiscard]] int error() const { return error_; }  // errno

 private:
  void flush();

  Descriptor fd_;
  int error_ = 0;
  std::string buffer_;
  std::size_t at_ = 0;
};

}  // namespace offloader::index
