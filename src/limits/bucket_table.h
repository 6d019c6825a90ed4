#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bucket.h"
#include "offloader/base/bounded_name.h"
#include "offloader/base/mutex.h"
#include "offloader/limits/limiter.h"

namespace offloader::limits {

// The buckets by caller, spread over shards with a lock each. A bucket stays where it is until it is
// forgotten, which an admission that points to it prevents. Bounded: a name has at most kMostName bytes.
// Thread-safe.
class BucketTable {
 public:
  static constexpr std::size_t kShards = 64;

  explicit BucketTable(std::size_t most) : most_(most) {}

  // Calls `use(bucket, shard)` under the lock of the caller's bucket, which is made if there is none. `use`
  // must be short. If there is no room, the bucket is the one that such callers share.
  template <typename Use>
  auto with(std::string_view caller, Nanos now, Use&& use);

  // Calls `use(bucket)` under the lock of the shard. Requires: `shard` is that of the bucket.
  template <typename Use>
  void with(std::size_t shard, Bucket& bucket, Use&& use) {
    const MutexLock lock(shards_[shard].bucket_mutex);
    use(bucket);
  }

  // Keeps what a caller has used of a day until its bucket is made. Ignored past the bound of the table.
  void restore(std::string_view caller, std::chrono::sys_days day, DayUse use);

  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  // A name with its hash, which chooses the shard and the place in its table.
  struct Name {
    std::string_view text;
    std::size_t hash = std::hash<std::string_view>{}(text);

    friend bool operator==(const Name& name, std::string_view other) { return name.text == other; }
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Name& name) const { return name.hash; }
    std::size_t operator()(std::string_view text) const { return Name{text}.hash; }
  };
  using Buckets = std::unordered_map<std::string, Bucket, Hash, std::equal_to<>>;
  // When a bucket may be forgotten, at the earliest: its keep_until when the reminder was written. Each
  // bucket has one reminder.
  struct Reminder {
    Nanos at;
    Buckets::value_type* of;
    friend bool operator<(const Reminder& a, const Reminder& b) { return a.at > b.at; }  // the first on top
  };
  struct Restored {
    std::chrono::sys_days day;
    DayUse use;
  };
  struct alignas(64) Shard {
    Mutex bucket_mutex;
    Buckets buckets OFFLOADER_GUARDED_BY(bucket_mutex);
    std::vector<Reminder> reminders OFFLOADER_GUARDED_BY(bucket_mutex);  // a heap
    std::unordered_map<std::string, Restored, Hash, std::equal_to<>> restored
        OFFLOADER_GUARDED_BY(bucket_mutex);
  };

  [[nodiscard]] static std::size_t shard_of(const Name& name);
  // Counts a new bucket, after forgetting another one if necessary. Returns false if there is no room.
  [[nodiscard]] bool take_room(std::size_t first_shard, Nanos now);
  [[nodiscard]] bool forget_one(Shard& shard, Nanos now, Nanos& earliest);
  [[nodiscard]] static Bucket& add(Shard& shard, const Name& name, Nanos now)
      OFFLOADER_REQUIRES(shard.bucket_mutex);

  const std::size_t most_;
  std::array<Shard, kShards + 1> shards_;  // the last one has the bucket that callers share
  Bucket shared_;                          // guarded by the lock of the last shard
  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> restored_{0};
  std::atomic<Nanos> full_until_{0};  // no bucket can be forgotten before
};

template <typename Use>
auto BucketTable::with(std::string_view caller, Nanos now, Use&& use) {
  std::string buffer;
  const Name name{bounded_name(caller, buffer)};
  const std::size_t place = shard_of(name);
  Shard& shard = shards_[place];
  {
    const MutexLock lock(shard.bucket_mutex);
    if (const auto found = shard.buckets.find(name); found != shard.buckets.end())
      return use(found->second, place);
  }
  if (!take_room(place, now)) {
    const MutexLock lock(shards_[kShards].bucket_mutex);
    return use(shared_, kShards);
  }
  const MutexLock lock(shard.bucket_mutex);
  const std::size_t before = shard.buckets.size();
  Bucket& bucket = add(shard, name, now);
  if (shard.buckets.size() == before)
    size_.fetch_sub(1, std::memory_order_relaxed);  // another thread made it
  return use(bucket, place);
}

}  // namespace offloader::limits
