#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "offloader/base/mutex.h"

namespace offloader::duckdb {
class Database;
}

namespace offloader::local_executor {

// Divides the memory for builds among the running ones, including those that wait for their store. One build
// gets all of it. When another begins, all limits are lowered to equal parts, and when a build ends they grow
// again. The sum stays within the total, except that a new build gets at least 32 MiB even if the others
// cannot give up memory. Owned by the executor; outlives its shares. Any thread.
class BuildMemory {
 public:
  explicit BuildMemory(std::uint64_t bytes) : total_(bytes) {}

  // The memory that one build may use, from construction to destruction. Owned by the build.
  class Share {
   public:
    explicit Share(BuildMemory& memory);
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share();

    // The limit in bytes with which to open the build's instance.
    [[nodiscard]] std::uint64_t bytes() const;
    // Keeps the memory limit of this instance equal to the share from now on.
    void follow(const std::shared_ptr<duckdb::Database>& database);

   private:
    friend class BuildMemory;
    BuildMemory& memory_;
    std::uint64_t bytes_ OFFLOADER_GUARDED_BY(memory_.shares_mutex_) = 0;
    std::weak_ptr<duckdb::Database> database_ OFFLOADER_GUARDED_BY(memory_.shares_mutex_);
    std::list<Share*>::iterator place_ OFFLOADER_GUARDED_BY(memory_.shares_mutex_);
  };

 private:
  // Changes a share's limit. Returns false, and changes nothing, if the instance uses more than that and
  // cannot spill it. An instance that is not open yet gets the limit in follow().
  static bool resize(Share& share, std::uint64_t bytes) OFFLOADER_REQUIRES(share.memory_.shares_mutex_);

  const std::uint64_t total_;
  mutable Mutex shares_mutex_;
  std::list<Share*> shares_ OFFLOADER_GUARDED_BY(shares_mutex_);
};

}  // namespace offloader::local_executor
