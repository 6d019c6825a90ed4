#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "offloader/object_store/object_store.h"
#include "offloader/object_store/store_options.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::object_store::testing {

// An object store in memory that records stat and read calls; paths are read from the disk. Any thread.
class MemoryStore final : public ObjectStore {
 public:
  struct Asked {
    std::string operation;
    std::string url;
    ByteRange range;
  };

  void put(const std::string& url, std::string bytes) {
    const std::lock_guard lock(mutex_);
    objects_[url] = {std::make_shared<const std::string>(std::move(bytes)), "tag" + std::to_string(++puts_)};
  }
  // `act` is called before each read, without a lock. Its error becomes the read's result.
  void before_read(std::function<Result<void>(const Asked&)> act) {
    const std::lock_guard lock(mutex_);
    before_read_ = std::move(act);
  }
  // Gives all objects this Content-Encoding from now on.
  void encode(std::string encoding) {
    const std::lock_guard lock(mutex_);
    encoding_ = std::move(encoding);
  }
  // Makes reads block until they are cancelled.
  void hang(bool hanging) {
    const std::lock_guard lock(mutex_);
    hanging_ = hanging;
  }
  [[nodiscard]] std::size_t waiting() const { return waiting_.load(); }
  [[nodiscard]] std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  [[nodiscard]] std::size_t count(const std::string& operation) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(asked_.begin(), asked_.end(),
                                                  [&](const Asked& a) { return a.operation == operation; }));
  }
  [[nodiscard]] std::uint64_t bytes_read() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& asked : asked_) sum += asked.range.length;
    return sum;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    asked_.clear();
  }

  Result<ObjectInfo> stat(const std::string& url, const Call& call) override {
    if (url.starts_with("/")) return disk_->stat(url, call);
    const std::lock_guard lock(mutex_);
    asked_.push_back({"stat", url, {}});
    const auto found = objects_.find(url);
    if (found == objects_.end()) return fail(ErrorCode::not_found, "no such object", url);
    return ObjectInfo{url, found->second.bytes->size(), found->second.tag, {}, encoding_};
  }
  Result<std::string> get(const std::string& url, std::uint64_t, const Call&) override {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(url);
    if (found == objects_.end()) return fail(ErrorCode::not_found, "no such object", url);
    return *found->second.bytes;
  }
  Result<void> read(const std::string& url, ByteRange range, char* buffer, const std::string& expected_tag,
                    const Call& call) override {
    if (url.starts_with("/")) return disk_->read(url, range, buffer, expected_tag, call);
    const Asked asked{"read", url, range};
    std::function<Result<void>(const Asked&)> before;
    bool hanging = false;
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(asked);
      before = before_read_;
      hanging = hanging_;
    }
    if (hanging) {
      waiting_.fetch_add(1);
      while (!call.cancel->cancelled()) std::this_thread::yield();
      waiting_.fetch_sub(1);
      return fail(ErrorCode::cancelled, "cancelled");
    }
    if (before) {
      if (auto answer = before(asked); !answer) return answer;
    }
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(url);
    if (found == objects_.end()) return fail(ErrorCode::not_found, "no such object", url);
    if (found->second.tag != expected_tag) {
      return fail(ErrorCode::changed, "the object changed while it was read", url);
    }
    if (range.offset + range.length > found->second.bytes->size())
      return fail(ErrorCode::internal, "beyond", url);
    std::memcpy(buffer, found->second.bytes->data() + range.offset, range.length);
    if (call.came != nullptr) (*call.came)();
    return {};
  }
  Result<void> read_many(const std::string& url, const std::vector<RangeRead>& reads, const std::string& tag,
                         const Call& call) override {
    for (const auto& one : reads) {
      if (auto done = read(url, one.range, one.buffer, tag, call); !done) return done;
    }
    return {};
  }
  Result<std::vector<ObjectInfo>> list(const std::string&, std::size_t, const Call&) override {
    return fail(ErrorCode::internal, "not listed here");
  }

 private:
  struct Stored {
    std::shared_ptr<const std::string> bytes;
    std::string tag;
  };
  const std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  const std::shared_ptr<ObjectStore> disk_ = make_object_store({}, *telemetry_);
  mutable std::mutex mutex_;
  std::map<std::string, Stored> objects_;
  std::vector<Asked> asked_;
  std::function<Result<void>(const Asked&)> before_read_;
  bool hanging_ = false;
  std::string encoding_;
  int puts_ = 0;
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace offloader::object_store::testing
