#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "offloader/base/mutex.h"

namespace offloader::duckdb {
class Database;
}

namespace offloader::local_executor {

// The memory that builds have between them. One build has all of it; when another begins, or one that waits
// for its store is joined by the next, each has the same part, and the parts grow again when a build ends. So
// the sum never passes the total. Any thread; outlives its shares.
class BuildMemory {
 public:
  explicit BuildMemory(std::uint64_t bytes) : total_(bytes) {}

  // What one build may use, until it is destroyed.
  class Share {
   public:
    explicit Share(BuildMemory& memory);
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share();

    // The limit with which the instance is to be opened.
    [[nodiscard]] std::uint64_t bytes() const;
    // The instance whose limit follows the share from now on.
    void follow(const std::shared_ptr<duckdb::Database>& database);

   private:
    friend class BuildMemory;
    BuildMemory& memory_;
    std::uint64_t bytes_ OFFLOADER_GUARDED_BY(memory_.shares_mutex_) = 0;
    std::weak_ptr<duckdb::Database> database_ OFFLOADER_GUARDED_BY(memory_.shares_mutex_);
    std::list<Share*>::iterator place_ OFFLOADER_GUARDED_BY(memory_.shares_mutex_);
  };

 private:
  // Gives a share another limit; false when the instance holds more than that and cannot spill it. An
  // instance that is not open yet gets the limit in follow().
  static bool resize(Share& share, std::uint64_t bytes) OFFLOADER_REQUIRES(share.memory_.shares_mutex_);

  const std::uint64_t total_;
  mutable Mutex shares_mutex_;
  std::list<Share*> shares_ OFFLOADER_GUARDED_BY(shares_mutex_);
};

}  // namespace offloader::local_executor
