#include "build_memory.h"

#include <algorithm>

#include "offloader/duckdb/instance.h"

namespace offloader::local_executor {
namespace {

// How often to ask the running builds again to spill. Each time costs them what they have cached.
constexpr std::chrono::seconds kAskAgain{1};

}  // namespace

Result<BuildMemory::Share> BuildMemory::take(std::chrono::milliseconds wait, const CancelFlag* cancel) {
  const auto end = std::chrono::steady_clock::now() + wait;
  const MutexLock lock(entries_mutex_);
  while (true) {
    if (cancel != nullptr && cancel->cancelled()) {
      spread();
      return fail(ErrorCode::cancelled, "The build was cancelled.");
    }
    make_room();
    if (unused() >= kLeast) break;
    if (std::chrono::steady_clock::now() >= end) {
      spread();
      return fail(ErrorCode::busy,
                  "The running builds need all memory for builds: raise OFFLOADER_DUCKDB_MEMORY_LIMIT, or "
                  "lower OFFLOADER_REFRESH_CONCURRENCY.");
    }
    entry_gone_.wait_for(entries_mutex_, kAskAgain);
  }
  const std::uint64_t bytes = unused();
  return Share(this, entries_.insert(entries_.end(), Entry{bytes, {}}));
}

// Lowers the limits to equal parts, of which one is for a build that begins. Of builds that cannot spill as
// much, takes what is missing to kLeast.
void BuildMemory::make_room() {
  const std::uint64_t part = std::max(total_ / (entries_.size() + 1), kLeast);
  for (Entry& entry : entries_) {
    if (entry.bytes > part) static_cast<void>(resize(entry, part));
  }
  for (Entry& entry : entries_) {
    const std::uint64_t missing = kLeast - std::min(unused(), kLeast);
    if (missing > 0 && entry.bytes >= kLeast + missing)
      static_cast<void>(resize(entry, entry.bytes - missing));
  }
}

std::uint64_t BuildMemory::unused() const {
  std::uint64_t left = total_;
  for (const Entry& entry : entries_) left -= std::min(left, entry.bytes);
  return left;
}

// Raises the limits to equal parts, as far as there is unused memory.
void BuildMemory::spread() {
  for (Entry& entry : entries_) {
    const std::uint64_t part = total_ / entries_.size();
    const std::uint64_t more = std::min(unused(), part - std::min(part, entry.bytes));
    if (more > 0) static_cast<void>(resize(entry, entry.bytes + more));
  }
}

void BuildMemory::give_back(std::list<Entry>::iterator entry) {
  {
    const MutexLock lock(entries_mutex_);
    entries_.erase(entry);
    spread();
  }
  entry_gone_.notify_all();
}

bool BuildMemory::resize(Entry& entry, std::uint64_t bytes) {
  const auto database = entry.database.lock();
  if (database && !database->limit_memory(bytes)) return false;
  entry.bytes = bytes;
  return true;
}

BuildMemory::Share::~Share() {
  if (memory_ != nullptr) memory_->give_back(entry_);
}

std::uint64_t BuildMemory::Share::bytes() const {
  const MutexLock lock(memory_->entries_mutex_);
  return entry_->bytes;
}

void BuildMemory::Share::follow(const std::shared_ptr<duckdb::Database>& database) {
  const MutexLock lock(memory_->entries_mutex_);
  entry_->database = database;
  // The share may have changed since the caller asked for bytes(). Nothing is loaded yet, so this succeeds.
  static_cast<void>(resize(*entry_, entry_->bytes));
}

}  // namespace offloader::local_executor
