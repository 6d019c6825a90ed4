#include "offloader/object_store/local_input.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "offloader/base/file.h"

namespace offloader::object_store {

Result<std::unique_ptr<const LocalInput>> LocalInput::open(const std::string& path) {
  const auto descriptor = open_without_links(path);
  if (!descriptor) return fail(descriptor.error());
  std::unique_ptr<LocalInput> input(new LocalInput(path, *descriptor));
  auto now = input->info();
  if (!now) return fail(now.error());
  input->tag_ = std::move(now->tag);
  return input;
}

Result<std::unique_ptr<const LocalInput>> LocalInput::open(const ObjectInfo& object) {
  auto input = open(object.url);
  if (!input) return input;
  if (!object.tag.empty() && (*input)->tag_ != object.tag)
    return fail(ErrorCode::changed, "the object changed while it was read", object.url);
  return input;
}

Result<ObjectInfo> LocalInput::info() const {
  struct stat status {};
  if (::fstat(descriptor_.get(), &status) != 0) {
    return fail(ErrorCode::unavailable, "the file cannot be read",
                fmt::format("{}: {}", path_, std::strerror(errno)));
  }
  const std::int64_t nanoseconds = status.st_mtim.tv_sec * std::int64_t{1000000000} + status.st_mtim.tv_nsec;
  return ObjectInfo{path_, static_cast<std::uint64_t>(status.st_size),
                    fmt::format("{:x}-{:x}-{:x}", status.st_ino, status.st_size, nanoseconds),
                    SystemTime(std::chrono::microseconds(nanoseconds / 1000))};
}

Result<void> LocalInput::unchanged() const {
  const auto now = info();
  if (!now) return fail(now.error());
  if (now->tag != tag_) return fail(ErrorCode::changed, "the object changed while it was read", path_);
  return {};
}

Result<void> LocalInput::read(std::uint64_t offset, char* buffer, std::uint64_t length) const {
  for (std::uint64_t done = 0; done < length;) {
    const ssize_t count =
        ::pread(descriptor_.get(), buffer + done, length - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return fail(ErrorCode::unavailable, "the file cannot be read",
                  fmt::format("{}: {}", path_, std::strerror(errno)));
    }
    if (count == 0)
      return fail(ErrorCode::unavailable, "the file is shorter than the requested range", path_);
    done += static_cast<std::uint64_t>(count);
  }
  return unchanged();
}

}  // namespace offloader::object_store
