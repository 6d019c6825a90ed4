#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "offloader/serving/cached_answer.h"

namespace offloader::serving {

// What a cached answer depends on besides the request: the endpoint's contract and the snapshot. A swap,
// rollback or reload outdates whole scopes.
struct CacheScope {
  std::string endpoint_fingerprint;
  std::string snapshot_fingerprint;

  friend auto operator<=>(const CacheScope&, const CacheScope&) = default;
};

// Answers by key, bounded by entries and by bytes, evicting what was used least recently (consumer-api.md,
// "Caching"). Each reader (an I/O thread) has a small table of its own in front of the shared one: a hit
// there takes no lock and touches no shared line but the entry's. The shared table's lock guards a few lines.
class ResponseCache {
 public:
  struct Limits {
    std::size_t max_entries = 10000;
    std::size_t max_bytes = 256U << 20;
  };

  ResponseCache(Limits limits, std::size_t readers);

  // The answer under `key`, or null. From reader `reader`'s thread alone.
  [[nodiscard]] std::shared_ptr<const CachedAnswer> find(std::size_t reader, std::string_view key);

  // The same from any thread, by the shared table alone.
  [[nodiscard]] std::shared_ptr<const CachedAnswer> peek(std::string_view key);

  // Grows with each retain(): read before the query whose answer is to be inserted.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }

  // Any thread. Does not keep an answer that is larger than the whole cache, or one that would evict answers
  // which are still being sent and do not fit into the memory for answers, or one whose scope a retain()
  // after `epoch` denied: a query that runs while its snapshot is swapped leaves nothing behind.
  void insert(std::string key, const CacheScope& scope, std::shared_ptr<const CachedAnswer> answer,
              std::uint64_t epoch);

  // Accounts for compressed forms that `key`'s answer has got since it was inserted. Any thread.
  void grown(std::string_view key);

  // Drops every entry whose scope `is_live` denies, and keeps `is_live` for the answers under way. Any
  // thread.
  void retain(std::function<bool(const CacheScope&)> is_live);

  // Lets go of dropped entries in reader `reader`'s own table. From its thread; called by the nudge after
  // publications and evictions.
  void sweep(std::size_t reader);

  // Called when dropped entries may linger in readers' tables: must have every reader call sweep() soon. Set
  // once, before use.
  void set_nudge(std::function<void()> nudge);

  [[nodiscard]] std::size_t entries() const { return entries_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const CacheScope> scope;
    std::shared_ptr<const CachedAnswer> answer;
    std::size_t bytes = 0;     // accounted; guarded by table_mutex_
    std::uint64_t placed = 0;  // last_used when it was put at the head of the list; guarded
    mutable std::atomic<std::uint64_t> last_used{0};
    std::atomic<bool> dropped{false};
  };
  using EntryPtr = std::shared_ptr<Entry>;

  struct Slot {
    std::uint64_t hash = 0;
    EntryPtr entry;
  };
  struct alignas(64) Reader {
    std::vector<Slot> slots;
    std::uint64_t ticks = 0;
  };

  void touch(const Entry& entry) const;
  // The following require table_mutex_. An entry leaves in two steps: it is taken out of the order, which
  // can be undone, and then forgotten. Nothing between the steps may throw.
  void take_out(std::list<EntryPtr>::iterator at, std::list<EntryPtr>& out);
  void put_back(std::list<EntryPtr>& entries, std::list<EntryPtr>::iterator before);
  // Takes out the least recently used entries until there is room for `entries` and `bytes` more.
  void make_place(std::size_t entries, std::size_t bytes, std::list<EntryPtr>& out);
  // Counts the texts of a leaving entry that are still held, in the memory for answers.
  static void count(const Entry& entry, Transfer& transfer);
  // Moves `entering` out of that memory and the entries taken out into it, as one sum. Returns false and
  // changes nothing if the sum does not fit.
  static bool swap_counts(const CachedAnswer& entering, const std::list<EntryPtr>& out);
  // Removes an entry that was taken out from the table.
  void forget(Entry& entry);
  // Counts and forgets the entries taken out, even past the limit of the memory.
  void drop(const std::list<EntryPtr>& out);
  // Returns true, once, when so many dropped bytes may linger that the readers must be nudged.
  [[nodiscard]] bool nudge_due();

  Limits limits_;
  std::vector<Reader> readers_;
  mutable std::atomic<std::uint64_t> clock_{1};
  std::mutex table_mutex_;
  std::list<EntryPtr> order_;  // most recently placed first
  std::unordered_map<std::string_view, std::list<EntryPtr>::iterator> table_;
  std::function<bool(const CacheScope&)> is_live_;  // of the last retain(); guarded
  std::atomic<std::uint64_t> epoch_{0};
  std::size_t lingering_bytes_ = 0;  // dropped since the last nudge; guarded
  std::atomic<std::size_t> entries_{0};
  std::atomic<std::size_t> bytes_{0};
  std::function<void()> nudge_;
};

}  // namespace offloader::serving
