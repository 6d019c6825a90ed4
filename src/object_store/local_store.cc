#include "local_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "offloader/base/file.h"

namespace offloader::object_store {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> errno_error(const std::string& path) {
  const int error = errno;
  const bool missing = error == ENOENT || error == ENOTDIR;
  return fail(missing ? ErrorCode::not_found : ErrorCode::unavailable,
              missing ? "no such file" : "the file cannot be read",
              fmt::format("{}: {}", path, std::strerror(error)));
}

ObjectInfo info_of(const std::string& path, const struct stat& status) {
  const std::int64_t nanoseconds = status.st_mtim.tv_sec * std::int64_t{1000000000} + status.st_mtim.tv_nsec;
  return {path, static_cast<std::uint64_t>(status.st_size),
          fmt::format("{:x}-{:x}-{:x}", status.st_ino, status.st_size, nanoseconds),
          SystemTime(std::chrono::microseconds(nanoseconds / 1000))};
}

class LocalStore final : public ObjectStore {
 public:
  explicit LocalStore(std::shared_ptr<Traffic> traffic) : traffic_(std::move(traffic)) {}

  Result<ObjectInfo> stat(const std::string& url, const Call&) override {
    struct stat status {};
    if (::stat(url.c_str(), &status) != 0) return errno_error(url);
    if (!S_ISREG(status.st_mode))
      return fail(ErrorCode::not_found, "no such file", url + " is not a regular file");
    return info_of(url, status);
  }

  Result<std::string> get(const std::string& url, std::uint64_t limit, const Call&) override {
    auto bytes = read_file(url, limit);
    if (bytes) traffic_->count("get", "200", bytes->size());
    return bytes;
  }

  Result<void> read(const std::string& url, ByteRange range, char* buffer, const std::string& expected_tag,
                    const Call& call) override {
    return read_many(url, {{range, buffer}}, expected_tag, call);
  }

  Result<void> read_many(const std::string& url, const std::vector<RangeRead>& reads,
                         const std::string& expected_tag, const Call& call) override {
    const OpenFile file(url);
    if (file.get() < 0) return errno_error(url);
    const auto unchanged = [&]() -> Result<void> {
      struct stat status {};
      if (::fstat(file.get(), &status) != 0) return errno_error(url);
      if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::not_found, "no such file", url + " is not a regular file");
      if (!expected_tag.empty() && info_of(url, status).tag != expected_tag) {
        return fail(ErrorCode::changed, "the object changed while it was read", url);
      }
      return {};
    };
    if (const auto before = unchanged(); !before) return before;
    for (const RangeRead& read : reads) {
      if (call.cancel != nullptr && call.cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
      for (std::uint64_t done = 0; done < read.range.length;) {
        const ssize_t count = ::pread(file.get(), read.buffer + done, read.range.length - done,
                                      static_cast<off_t>(read.range.offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno_error(url);
        if (count == 0) return fail(ErrorCode::unavailable, "the file is shorter than asked for", url);
        done += static_cast<std::uint64_t>(count);
      }
      traffic_->count("read", "200", read.range.length);
    }
    return unchanged();
  }

  Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t max_objects,
                                       const Call& call) override {
    namespace fs = std::filesystem;
    std::error_code error;
    std::vector<ObjectInfo> out;
    for (fs::recursive_directory_iterator at(url, error), end; !error && at != end; at.increment(error)) {
      if (call.cancel != nullptr && call.cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
      struct stat status {};
      const std::string path = at->path().string();
      // A file that goes away meanwhile is none.
      if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
      if (out.size() == max_objects)
        return fail(ErrorCode::too_large, fmt::format("more than {} files", max_objects), url);
      out.push_back(info_of(path, status));
    }
    if (error) {
      const bool missing =
          error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
      return fail(missing ? ErrorCode::not_found : ErrorCode::unavailable, "the folder cannot be listed",
                  url + ": " + error.message());
    }
    std::sort(out.begin(), out.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.url < b.url; });
    return out;
  }

 private:
  const std::shared_ptr<Traffic> traffic_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_local_store(std::shared_ptr<Traffic> traffic) {
  return std::make_unique<LocalStore>(std::move(traffic));
}

}  // namespace offloader::object_store
