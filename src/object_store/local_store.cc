#include "local_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "offloader/object_store/local_input.h"

namespace offloader::object_store {
namespace {

// No read asks the disk for more bytes than this, so that long reads notice a deadline or a cancellation.
constexpr std::uint64_t kBlock = 8ULL << 20;

// When a call must end.
class CallEnd {
 public:
  explicit CallEnd(const ObjectStore::Call& call)
      : deadline_(std::chrono::steady_clock::now() + call.deadline), cancel_(call.cancel) {}

  // Errors: cancelled, timeout.
  Result<void> check(const std::string& path) const {
    if (cancel_ != nullptr && cancel_->cancelled()) return fail(ErrorCode::cancelled, "cancelled", path);
    if (std::chrono::steady_clock::now() >= deadline_)
      return fail(ErrorCode::timeout, "reading from the local disk took too long", path);
    return {};
  }

 private:
  const SteadyTime deadline_;
  const CancelFlag* const cancel_;
};

Result<void> read_blocks(const LocalInput& file, const ObjectStore::RangeRead& read, const CallEnd& end,
                         const std::string& path) {
  std::uint64_t done = 0;
  do {
    if (auto checked = end.check(path); !checked) return checked;
    const std::uint64_t length = std::min(kBlock, read.range.length - done);
    if (auto got = file.read(read.range.offset + done, read.buffer + done, length); !got) return got;
    done += length;
  } while (done < read.range.length);
  return {};
}

class LocalStore final : public ObjectStore {
 public:
  explicit LocalStore(std::shared_ptr<Traffic> traffic) : traffic_(std::move(traffic)) {}

  Result<ObjectInfo> stat(const std::string& url, const Call&) override {
    const auto file = LocalInput::open(url);
    if (!file) return fail(file.error());
    return (*file)->info();
  }

  Result<std::string> get(const std::string& url, std::uint64_t limit, const Call& call) override {
    const CallEnd end(call);
    const auto file = LocalInput::open(url);
    if (!file) return fail(file.error());
    const auto info = (*file)->info();
    if (!info) return fail(info.error());
    if (info->size > limit)
      return fail(ErrorCode::too_large, fmt::format("the file is larger than {} bytes", limit), url);
    std::string bytes(info->size, '\0');
    if (auto done = read_blocks(**file, {{0, info->size}, bytes.data()}, end, url); !done)
      return fail(done.error());
    traffic_->count("get", "200", bytes.size());
    return bytes;
  }

  Result<void> read_many(const std::string& url, const std::vector<RangeRead>& reads,
                         const std::string& expected_tag, const Call& call) override {
    const CallEnd end(call);
    const auto file = LocalInput::open(ObjectInfo{url, 0, expected_tag, {}});
    if (!file) return fail(file.error());
    for (const RangeRead& read : reads) {
      if (auto done = read_blocks(**file, read, end, url); !done) return done;
      traffic_->count("read", "200", read.range.length);
    }
    return {};
  }

  Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t max_objects,
                                       const Call& call) override {
    namespace fs = std::filesystem;
    const CallEnd call_end(call);
    std::error_code error;
    std::vector<ObjectInfo> out;
    for (fs::recursive_directory_iterator at(url, error), end; !error && at != end; at.increment(error)) {
      if (const auto checked = call_end.check(url); !checked) return fail(checked.error());
      const std::string path = at->path().string();
      // Skip links, and files that disappear meanwhile.
      const auto file = LocalInput::open(path);
      const auto info = file ? (*file)->info() : fail(file.error());
      if (!info) continue;
      if (out.size() == max_objects)
        return fail(ErrorCode::too_large, fmt::format("the folder has more than {} files", max_objects), url);
      out.push_back(*info);
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
