#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <new>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "offloader/object_store/object_store.h"

namespace offloader::object_store::testing {

// An object store without a network, which serves whole objects by URL. Set it up before use; then any
// thread.
class FakeStore final : public ObjectStore {
 public:
  std::map<std::string, std::string> objects;
  std::map<std::string, SystemTime> modified;  // of objects; default: the epoch
  std::set<std::string> hanging;               // block until they are cancelled
  std::set<std::string> unreadable;
  std::set<std::string> throwing;
  std::set<std::string> encoded;  // have a Content-Encoding, so get() rejects them
  std::string hanging_below;      // every URL with this prefix hangs; empty: none
  std::atomic<int> calls_hanging{0};

  Result<ObjectInfo> stat(const std::string&, const Call&) override {
    return fail(ErrorCode::not_found, "none");
  }
  Result<std::string> get(const std::string& url, std::uint64_t, const Call& call) override {
    if (hangs(url)) {
      ++calls_hanging;
      while (!call.cancel->cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      --calls_hanging;
    }
    if (throwing.contains(url)) throw std::bad_alloc();
    const auto found = objects.find(url);
    if (found == objects.end() || unreadable.contains(url))
      return fail(ErrorCode::unavailable, "the store does not answer");
    if (encoded.contains(url)) return fail(ErrorCode::rejected, "the object has a Content-Encoding");
    return found->second;
  }
  Result<void> read(const std::string&, ByteRange, char*, const std::string&, const Call&) override {
    return {};
  }
  Result<void> read_many(const std::string&, const std::vector<RangeRead>&, const std::string&,
                         const Call&) override {
    return {};
  }
  Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t, const Call&) override {
    std::vector<ObjectInfo> listing;
    for (auto found = objects.lower_bound(url); found != objects.end() && found->first.starts_with(url);
         ++found) {
      const auto time = modified.find(found->first);
      listing.push_back({.url = found->first,
                         .size = found->second.size(),
                         .tag = "t",
                         .modified = time == modified.end() ? SystemTime{} : time->second});
    }
    return listing;
  }

 private:
  [[nodiscard]] bool hangs(const std::string& url) const {
    return hanging.contains(url) || (!hanging_below.empty() && url.starts_with(hanging_below));
  }
};

}  // namespace offloader::object_store::testing
