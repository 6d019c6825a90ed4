#include "build_memory.h"

#include <algorithm>

#include "offloader/duckdb/instance.h"

namespace offloader::local_executor {
namespace {

// The least limit in bytes. DuckDB takes 0 as no limit, and cannot start with less than this.
constexpr std::uint64_t kLeast = 32ULL << 20;

}  // namespace

BuildMemory::Share::Share(BuildMemory& memory) : memory_(memory) {
  const MutexLock lock(memory_.shares_mutex_);
  const std::uint64_t part = memory_.total_ / (memory_.shares_.size() + 1);
  std::uint64_t left = memory_.total_;
  for (Share* const other : memory_.shares_) {
    if (other->bytes_ > part) resize(*other, part);
    left -= std::min(left, other->bytes_);
  }
  bytes_ = std::max(left, kLeast);
  place_ = memory_.shares_.insert(memory_.shares_.end(), this);
}

BuildMemory::Share::~Share() {
  const MutexLock lock(memory_.shares_mutex_);
  memory_.shares_.erase(place_);
  if (memory_.shares_.empty()) return;
  const std::uint64_t part = memory_.total_ / memory_.shares_.size();
  std::uint64_t left = memory_.total_;
  for (const Share* const other : memory_.shares_) left -= std::min(left, other->bytes_);
  for (Share* const other : memory_.shares_) {
    const std::uint64_t more = std::min(left, part - std::min(part, other->bytes_));
    if (more > 0 && resize(*other, other->bytes_ + more)) left -= more;
  }
}

std::uint64_t BuildMemory::Share::bytes() const {
  const MutexLock lock(memory_.shares_mutex_);
  return bytes_;
}

void BuildMemory::Share::follow(const std::shared_ptr<duckdb::Database>& database) {
  const MutexLock lock(memory_.shares_mutex_);
  database_ = database;
  // The share may have changed since the caller asked for bytes().
  static_cast<void>(resize(*this, bytes_));
}

bool BuildMemory::resize(Share& share, std::uint64_t bytes) {
  const auto database = share.database_.lock();
  if (database && !database->limit_memory(bytes)) return false;
  share.bytes_ = bytes;
  return true;
}

}  // namespace offloader::local_executor
