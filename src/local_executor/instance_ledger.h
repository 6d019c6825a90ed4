#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/duckdb/instance.h"

namespace offloader::local_executor {

// Every instance that is open, so that the memory of all of them can be told without waiting for what they
// do. Any thread.
class InstanceLedger {
 public:
  // DuckDB tells by a query, milliseconds of a processor for each instance, and whoever looks at a server
  // often must not slow it by looking: what was told is good for this long.
  explicit InstanceLedger(std::chrono::milliseconds good_for = std::chrono::seconds(1))
      : good_for_(good_for) {}

  void add(const std::shared_ptr<duckdb::Database>& database);
  // Never waits for another caller's query; before the first has ended that is 0.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  [[nodiscard]] std::uint64_t ask() const;

  const std::chrono::milliseconds good_for_;
  mutable Mutex open_mutex_;
  mutable std::vector<std::weak_ptr<duckdb::Database>> open_ OFFLOADER_GUARDED_BY(open_mutex_);
  mutable Mutex asking_mutex_;
  mutable std::optional<std::chrono::steady_clock::time_point> asked_ OFFLOADER_GUARDED_BY(asking_mutex_);
  mutable std::atomic<std::uint64_t> told_{0};
};

// Memory that remote snapshots' instances have between them. An instance's limit is fixed when it opens and
// the number of them is not known, so each gets half of what is left, and the floor when that is less.
class RemoteMemory {
 public:
  // Below this a CSV scan, which takes 32 MB a thread for its buffers, runs out of memory on any file.
  static constexpr std::uint64_t kFloor = 256ULL << 20;

  explicit RemoteMemory(std::uint64_t bytes) : left_(bytes) {}
  [[nodiscard]] std::uint64_t take();
  void give_back(std::uint64_t bytes);

 private:
  Mutex left_mutex_;
  std::uint64_t left_ OFFLOADER_GUARDED_BY(left_mutex_);
  std::uint64_t beyond_ OFFLOADER_GUARDED_BY(left_mutex_) = 0;  // handed out as floors when nothing was left
};

}  // namespace offloader::local_executor
