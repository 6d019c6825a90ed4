#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>

#include "offloader/base/cancel.h"
#include "offloader/base/mutex.h"
#include "offloader/base/result.h"

namespace offloader::duckdb {
class Database;
}

namespace offloader::local_executor {

// Divides the memory for builds among the running ones: builds of snapshots, including those that wait for
// their store, and rebuilds of indexes. One build gets all of it. When another begins, all limits are lowered
// to equal parts, and when a build ends they grow again. The sum never exceeds the total. Owned by the
// executor; outlives its shares. Any thread.
class BuildMemory {
  struct Entry {
    std::uint64_t bytes = 0;
    std::weak_ptr<duckdb::Database> database;
  };

 public:
  // The least that a build gets, in bytes. DuckDB takes 0 as no limit, and cannot start with less than this.
  static constexpr std::uint64_t kLeast = 32ULL << 20;

  // Requires: at least kLeast bytes.
  explicit BuildMemory(std::uint64_t bytes) : total_(bytes) {}

  // The memory that one build may use, until it is destroyed. Owned by the build, which closes its instance
  // first.
  class Share {
   public:
    Share(Share&& other) noexcept : memory_(other.memory_), entry_(other.entry_) { other.memory_ = nullptr; }
    Share& operator=(Share&&) = delete;
    ~Share();

    // The limit in bytes with which to open the build's instance.
    [[nodiscard]] std::uint64_t bytes() const;
    // Keeps the memory limit of this instance equal to the share from now on.
    void follow(const std::shared_ptr<duckdb::Database>& database);

   private:
    friend class BuildMemory;
    Share(BuildMemory* memory, std::list<Entry>::iterator entry) : memory_(memory), entry_(entry) {}
    BuildMemory* memory_;  // null: moved from
    std::list<Entry>::iterator entry_;
  };

  // Takes a share for a build that begins. If the running builds cannot give up kLeast bytes, because there
  // are many or because they cannot spill, waits until they can, at most `wait`. Errors: `busy` after that;
  // `cancelled`. `cancel` may be null.
  [[nodiscard]] Result<Share> take(std::chrono::milliseconds wait, const CancelFlag* cancel);

 private:
  // Changes a share's limit. Returns false, and changes nothing, if the instance uses more than that and
  // cannot spill it. An instance that is not open yet gets the limit in follow().
  [[nodiscard]] static bool resize(Entry& entry, std::uint64_t bytes);
  void make_room() OFFLOADER_REQUIRES(entries_mutex_);
  void spread() OFFLOADER_REQUIRES(entries_mutex_);
  [[nodiscard]] std::uint64_t unused() const OFFLOADER_REQUIRES(entries_mutex_);
  void give_back(std::list<Entry>::iterator entry);

  const std::uint64_t total_;
  mutable Mutex entries_mutex_;
  Condition entry_gone_;
  std::list<Entry> entries_ OFFLOADER_GUARDED_BY(entries_mutex_);
};

}  // namespace offloader::local_executor
