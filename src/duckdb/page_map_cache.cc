#include "page_map_cache.h"

#include <iterator>
#include <utility>

namespace offloader::duckdb {

Result<PageMapCache::Map> PageMapCache::get(std::size_t file, const Load& load) {
  {
    const MutexLock lock(entries_mutex_);
    if (const auto found = places_.find(file); found != places_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->map;
    }
  }
  auto map = load();
  if (map) put(file, *map);
  return map;
}

void PageMapCache::put(std::size_t file, Map map) {
  const std::uint64_t bytes = bytes_of(*map);
  if (bytes > limit_) return;
  std::list<Entry> dropped;  // freed without the lock
  const MutexLock lock(entries_mutex_);
  if (places_.contains(file)) return;  // another thread was faster
  while (bytes_ + bytes > limit_) {
    bytes_ -= entries_.back().bytes;
    places_.erase(entries_.back().file);
    dropped.splice(dropped.begin(), entries_, std::prev(entries_.end()));
  }
  entries_.push_front({file, std::move(map), bytes});
  places_.emplace(file, entries_.begin());
  bytes_ += bytes;
}

std::uint64_t PageMapCache::bytes() const {
  const MutexLock lock(entries_mutex_);
  return bytes_;
}

std::uint64_t bytes_of(const PageMap& map) {
  std::uint64_t bytes = sizeof map + map.chunks.capacity() * sizeof(ParquetChunk) +
                        map.columns.capacity() * sizeof(std::string) +
                        map.schema_problems.capacity() * sizeof(SchemaProblem);
  for (const auto& column : map.columns) bytes += column.capacity();
  for (const auto& problem : map.schema_problems) bytes += problem.text.capacity();
  return bytes;
}

}  // namespace offloader::duckdb
