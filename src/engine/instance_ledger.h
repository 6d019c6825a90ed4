#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "duckdb_handle.h"

namespace offloader::engine {

// Every instance that is open, so that the memory of all of them can be told without waiting for what they
// do. Any thread.
class InstanceLedger {
 public:
  void add(const std::shared_ptr<Database>& database);
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  mutable std::mutex open_mutex_;
  mutable std::vector<std::weak_ptr<Database>> open_;
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
  std::mutex left_mutex_;
  std::uint64_t left_;
  std::uint64_t beyond_ = 0;  // handed out as floors when nothing was left
};

}  // namespace offloader::engine
