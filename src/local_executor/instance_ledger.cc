#include "instance_ledger.h"

#include <algorithm>

namespace offloader::local_executor {

void InstanceLedger::add(const std::shared_ptr<duckdb::Database>& database) {
  const MutexLock lock(open_mutex_);
  std::erase_if(open_, [](const auto& entry) { return entry.expired(); });
  open_.push_back(database);
}

std::uint64_t InstanceLedger::bytes() const {
  if (!asking_mutex_.try_lock()) return told_;
  const MutexLock asking(asking_mutex_, std::adopt_lock);
  const auto now = std::chrono::steady_clock::now();
  if (!asked_ || now - *asked_ >= good_for_) {
    told_ = ask();
    asked_ = now;
  }
  return told_;
}

std::uint64_t InstanceLedger::ask() const {
  std::vector<std::weak_ptr<duckdb::Database>> open;
  {
    const MutexLock lock(open_mutex_);
    open = open_;
  }
  std::uint64_t sum = 0;
  for (const auto& entry : open) {
    auto database = entry.lock();
    if (!database) continue;
    // A separate connection, so as not to wait for running queries.
    auto connection = duckdb::Connection::open(std::move(database));
    if (!connection) continue;
    auto rows = connection->rows("SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory()");
    if (rows && !rows->empty()) sum += std::stoull((*rows)[0][0]);
  }
  return sum;
}

std::uint64_t RemoteMemory::take() {
  const MutexLock lock(left_mutex_);
  const auto share = std::max(left_ / 2, kFloor);
  const auto covered = std::min(share, left_);
  left_ -= covered;
  beyond_ += share - covered;
  return share;
}

void RemoteMemory::give_back(std::uint64_t bytes) {
  const MutexLock lock(left_mutex_);
  const auto uncovered = std::min(bytes, beyond_);
  beyond_ -= uncovered;
  left_ += bytes - uncovered;
}

}  // namespace offloader::local_executor
