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

// Tracks all open DuckDB instances and reports their total memory without waiting for their queries. Does not
// keep them open. Owned by the executor. Any thread.
class InstanceLedger {
 public:
  // `good_for`: how long bytes() returns a cached value. Asking DuckDB takes a query of several milliseconds
  // of CPU time per instance, so frequent monitoring must not repeat it each time.
  explicit InstanceLedger(std::chrono::milliseconds good_for = std::chrono::seconds(1))
      : good_for_(good_for) {}

  void add(const std::shared_ptr<duckdb::Database>& database);
  // Returns the memory of all instances in bytes. May run a query in each of them. While another caller does
  // so, returns the previous value (0 the first time) without waiting.
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

// Divides the memory for remote_scan among the instances of remote snapshots. An instance's limit is fixed
// when it opens, and the number of instances is unknown, so each gets half of what is left, but at least
// kFloor, even beyond the total. Owned by the executor. Any thread.
class RemoteMemory {
 public:
  // Bytes. With less, a CSV scan would run out of memory on any file: its buffers take 32 MB per thread.
  static constexpr std::uint64_t kFloor = 256ULL << 20;

  explicit RemoteMemory(std::uint64_t bytes) : left_(bytes) {}
  // Returns the limit in bytes for a new instance.
  [[nodiscard]] std::uint64_t take();
  // Returns what take() gave, once the instance is closed.
  void give_back(std::uint64_t bytes);

 private:
  Mutex left_mutex_;
  std::uint64_t left_ OFFLOADER_GUARDED_BY(left_mutex_);
  std::uint64_t beyond_ OFFLOADER_GUARDED_BY(left_mutex_) = 0;  // handed out in excess of the total
};

}  // namespace offloader::local_executor
