#include "spill.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "offloader/base/descriptor.h"

namespace offloader::index {
namespace {

constexpr std::size_t kBufferBytes = 256 << 10;

int open_nameless(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  // Not every file system supports O_TMPFILE.
  std::string name = (folder / ".index-spill-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

Spill::Spill(const std::filesystem::path& folder) : fd_(open_nameless(folder.empty() ? "." : folder)) {
  if (!fd_.valid()) error_ = errno;
}

void Spill::append(const void* data, std::size_t bytes) {
  if (error_ != 0) return;
  buffer_.append(static_cast<const char*>(data), bytes);
  if (buffer_.size() >= kBufferBytes) flush();
}

void Spill::flush() {
  if (error_ == 0 && !write_all(fd_.get(), buffer_.data(), buffer_.size())) error_ = errno;
  buffer_.clear();
}

void Spill::rewind() {
  flush();
  if (error_ == 0 && ::lseek(fd_.get(), 0, SEEK_SET) < 0) error_ = errno;
  at_ = 0;
}

bool Spill::read(void* data, std::size_t bytes) {
  auto* out = static_cast<char*>(data);
  while (bytes > 0 && error_ == 0) {
    if (at_ == buffer_.size()) {
      buffer_.resize(kBufferBytes);
      at_ = 0;
      const ssize_t n = read_some(fd_.get(), buffer_.data(), buffer_.size());
      if (n < 0) error_ = errno;
      buffer_.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
      if (n <= 0) return false;
    }
    const std::size_t taken = std::min(bytes, buffer_.size() - at_);
    std::memcpy(out, buffer_.data() + at_, taken);
    out += taken;
    at_ += taken;
    bytes -= taken;
  }
  return error_ == 0;
}

bool Spill::read_expected(void* data, std::size_t bytes) {
  if (read(data, bytes)) return true;
  if (error_ == 0) error_ = EIO;
  return false;
}

}  // namespace offloader::index
