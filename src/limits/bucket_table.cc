#include "bucket_table.h"

#include <algorithm>
#include <limits>

#include "offloader/base/bounded_name.h"

namespace offloader::limits {
namespace {

constexpr Nanos kSecond = 1'000'000'000;
// How many reminders one search looks at in a shard, which bounds the time under its lock.
constexpr int kMostLooks = 64;

}  // namespace

std::size_t BucketTable::shard_of(const Name& name) {
  return (name.hash >> 40) % kShards;  // the tables of the shards use the lower bits
}

Bucket& BucketTable::add(Shard& shard, const Name& name, Nanos now) {
  const auto [made, inserted] = shard.buckets.try_emplace(std::string(name.text));
  if (!inserted) return made->second;
  shard.reminders.push_back({now, &*made});
  std::push_heap(shard.reminders.begin(), shard.reminders.end());
  if (const auto kept = shard.restored.find(name); kept != shard.restored.end()) {
    made->second.day = kept->second.day;
    made->second.requests = kept->second.use.requests;
    made->second.rows = kept->second.use.rows;
    shard.restored.erase(kept);
  }
  return made->second;
}

bool BucketTable::take_room(std::size_t first_shard, Nanos now) {
  std::size_t size = size_.load(std::memory_order_relaxed);
  while (size < most_) {
    if (size_.compare_exchange_weak(size, size + 1, std::memory_order_relaxed)) return true;
  }
  if (now < full_until_.load(std::memory_order_relaxed)) return false;
  Nanos earliest = std::numeric_limits<Nanos>::max();
  for (std::size_t i = 0; i < kShards; ++i) {
    // The bucket that is forgotten leaves its place to the new one, so the size stays.
    if (forget_one(shards_[(first_shard + i) % kShards], now, earliest)) return true;
  }
  // A bucket that is made or used later is kept for longer than this.
  full_until_.store(std::min(earliest, now + kSecond), std::memory_order_relaxed);
  return false;
}

bool BucketTable::forget_one(Shard& shard, Nanos now, Nanos& earliest) {
  const MutexLock lock(shard.bucket_mutex);
  for (int looks = 0; looks < kMostLooks && !shard.reminders.empty(); ++looks) {
    if (shard.reminders.front().at > now) break;
    std::pop_heap(shard.reminders.begin(), shard.reminders.end());
    const Buckets::value_type* const of = shard.reminders.back().of;
    if (of->second.pins == 0 && of->second.keep_until <= now) {
      shard.reminders.pop_back();
      shard.buckets.erase(shard.buckets.find(of->first));
      return true;
    }
    shard.reminders.back().at = std::max(of->second.keep_until, now + (of->second.pins == 0 ? 1 : kSecond));
    std::push_heap(shard.reminders.begin(), shard.reminders.end());
  }
  if (!shard.reminders.empty()) earliest = std::min(earliest, shard.reminders.front().at);
  return false;
}

void BucketTable::restore(std::string_view caller, std::chrono::sys_days day, DayUse use) {
  if (restored_.fetch_add(1, std::memory_order_relaxed) >= most_) return;
  std::string buffer;
  const Name name{bounded_name(caller, buffer)};
  Shard& shard = shards_[shard_of(name)];
  const MutexLock lock(shard.bucket_mutex);
  shard.restored.insert_or_assign(std::string(name.text), Restored{day, use});
}

}  // namespace offloader::limits
