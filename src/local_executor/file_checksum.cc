#include "file_checksum.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "offloader/base/descriptor.h"
#include "offloader/index/format.h"

namespace offloader::local_executor {
namespace {

constexpr std::size_t kPiece = 1 << 20;

tl::unexpected<Error> unreadable(const std::filesystem::path& path) {
  return fail(ErrorCode::unavailable, "A file cannot be read.",
              fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

}  // namespace

Result<std::string> file_checksum(const std::filesystem::path& path, const CancelFlag* cancel) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return unreadable(path);
  static_cast<void>(::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL));
  index::Hash hash;
  std::vector<char> piece(kPiece);
  while (true) {
    if (cancel != nullptr && cancel->cancelled())
      return fail(ErrorCode::cancelled, "Reading a file was cancelled.");
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      auto failed = unreadable(path);
      failed.value().code = ErrorCode::corrupt;  // it exists, but the disk cannot read it
      return failed;
    }
    if (got == 0) break;
    hash.update(piece.data(), static_cast<std::size_t>(got));
  }
  return fmt::format("{:016x}", hash.value());
}

}  // namespace offloader::local_executor
