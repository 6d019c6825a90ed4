#include "local_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "offloader/base/file.h"
#include "offloader/object_store/local_input.h"

namespace offloader::object_store {
namespace {

class LocalStore final : public ObjectStore {
 public:
  explicit LocalStore(std::shared_ptr<Traffic> traffic) : traffic_(std::move(traffic)) {}

  Result<ObjectInfo> stat(const std::string& url, const Call&) override {
    const auto file = LocalInput::open(url);
    if (!file) return fail(file.error());
    return (*file)->info();
  }

  Result<std::string> get(const std::string& url, std::uint64_t limit, const Call&) override {
    auto bytes = read_file(url, limit);
    if (bytes) traffic_->count("get", "200", bytes->size());
    return bytes;
  }

  Result<void> read_many(const std::string& url, const std::vector<RangeRead>& reads,
                         const std::string& expected_tag, const Call& call) override {
    const auto file = LocalInput::open(ObjectInfo{url, 0, expected_tag, {}});
    if (!file) return fail(file.error());
    for (const RangeRead& read : reads) {
      if (call.cancel != nullptr && call.cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
      if (auto done = (*file)->read(read.range.offset, read.buffer, read.range.length); !done) return done;
      traffic_->count("read", "200", read.range.length);
    }
    return {};
  }

  Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t max_objects,
                                       const Call& call) override {
    namespace fs = std::filesystem;
    std::error_code error;
    std::vector<ObjectInfo> out;
    for (fs::recursive_directory_iterator at(url, error), end; !error && at != end; at.increment(error)) {
      if (call.cancel != nullptr && call.cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
      const std::string path = at->path().string();
      // Skip links, and files that disappear meanwhile.
      const auto file = LocalInput::open(path);
      const auto info = file ? (*file)->info() : fail(file.error());
      if (!info) continue;
      if (out.size() == max_objects)
        return fail(ErrorCode::too_large, fmt::format("more than {} files", max_objects), url);
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
