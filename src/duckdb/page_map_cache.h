#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include "offloader/base/mutex.h"
#include "offloader/base/result.h"
#include "parquet_metadata.h"

namespace offloader::duckdb {

// The page maps of the files of one snapshot, those used last, bounded in bytes. A map that was dropped is
// loaded again, so that a bound on memory never means a file without checks. Thread-safe: nothing is loaded
// under the lock, so two threads may load the same map at once.
class PageMapCache {
 public:
  using Map = std::shared_ptr<const PageMap>;
  using Load = std::function<Result<Map>()>;

  // Keeps maps of at most `limit` bytes together. One that is larger is loaded for each use.
  explicit PageMapCache(std::uint64_t limit) : limit_(limit) {}

  // Returns the map of a file, loaded if it is not here; never null. Errors: those of `load`, which returns
  // no null either.
  [[nodiscard]] Result<Map> get(std::size_t file, const Load& load);
  // Keeps a map that has been loaded already.
  void put(std::size_t file, Map map);

  // The bytes of the maps that are kept.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  struct Entry {
    std::size_t file;
    Map map;
    std::uint64_t bytes;
  };

  const std::uint64_t limit_;
  mutable Mutex entries_mutex_;
  std::list<Entry> entries_ OFFLOADER_GUARDED_BY(entries_mutex_);  // the one used last is the first
  std::unordered_map<std::size_t, std::list<Entry>::iterator> places_ OFFLOADER_GUARDED_BY(entries_mutex_);
  std::uint64_t bytes_ OFFLOADER_GUARDED_BY(entries_mutex_) = 0;
};

// The memory of a map, in bytes.
[[nodiscard]] std::uint64_t bytes_of(const PageMap& map);

}  // namespace offloader::duckdb
