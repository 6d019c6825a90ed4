#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "offloader/base/descriptor.h"

namespace offloader::index {

// An unnamed temporary file in the folder of the index: written sequentially, then read once. It holds the
// data of an index build that cannot be written yet, so that it need not stay in memory. One thread. Failures
// stick and show in ok() and error().
class Spill {
 public:
  explicit Spill(const std::filesystem::path& folder);

  void append(const void* data, std::size_t bytes);

  // Ends writing and starts reading.
  void rewind();
  // Reads exactly `bytes` bytes. Returns false at the end of the file or on failure.
  [[nodiscard]] bool read(void* data, std::size_t bytes);
  // Like read(), but the end of the file is a failure, too.
  [[nodiscard]] bool read_expected(void* data, std::size_t bytes);

  [[nodiscard]] bool ok() const { return error_ == 0; }
  [[nodiscard]] int error() const { return error_; }  // an errno; 0: none

 private:
  void flush();

  Descriptor fd_;
  int error_ = 0;
  std::string buffer_;
  std::size_t at_ = 0;
};

}  // namespace offloader::index
