#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/serving/cached_answer.h"

namespace offloader::serving {

// What a cached answer depends on besides the request: the contract of the endpoint and the snapshot. A swap,
// rollback or reload invalidates whole scopes.
struct CacheScope {
  std::string endpoint_fingerprint;
  std::string snapshot_fingerprint;

  friend auto operator<=>(const CacheScope&, const CacheScope&) = default;
};

// A cache of answers by key, bounded by entries and by bytes, with approximate LRU eviction (consumer-api.md,
// "Caching"). Each reader (an I/O thread) has a small table of its own in front of the shared one. A hit
// there takes no lock, but writes the reference count of the answer, which all threads share. Any other hit
// locks the shared table briefly.
class ResponseCache {
 public:
  struct Limits {
    std::size_t max_entries = 10000;
    std::size_t max_bytes = 256U << 20;
  };

  ResponseCache(Limits limits, std::size_t readers);

  // Returns the answer under `key`, or null. Must be called on the thread of `reader`.
  [[nodiscard]] std::shared_ptr<const CachedAnswer> find(std::size_t reader, std::string_view key);

  // Like find(), but from any thread; uses the shared table only.
  [[nodiscard]] std::shared_ptr<const CachedAnswer> peek(std::string_view key);

  // Returns the number of retain() calls so far. Read it before starting the query whose answer is to be
  // inserted.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }

  // Inserts an answer, evicting others to make room. Any thread. Not kept are: an answer larger than the
  // whole cache; one whose scope a retain() after `epoch` rejected, so that a query that runs while its
  // snapshot is swapped leaves nothing behind; and one that would evict answers that clients still read, if
  // those do not fit into the memory for answers.
  void insert(std::string key, const CacheScope& scope, std::shared_ptr<const CachedAnswer> answer,
              std::uint64_t epoch);

  // Counts the compressed forms that the answer under `key` has got since it was inserted; may evict. If they
  // would evict answers that clients still read, and those do not fit into the memory for answers, the forms
  // stay in that memory until another call. Any thread.
  void grown(std::string_view key);

  // Drops every entry whose scope `is_live` rejects, and keeps `is_live` to check answers whose queries are
  // still running. Any thread.
  void retain(std::function<bool(const CacheScope&)> is_live);

  // Releases dropped entries in the table of `reader`. Must be called on its thread; the nudge after a
  // publication or evictions calls it.
  void sweep(std::size_t reader);

  // Sets the function that is called when dropped entries may linger in the tables of readers; it must make
  // every reader call sweep() soon. Must be called at most once, before use.
  void set_nudge(std::function<void()> nudge);

  [[nodiscard]] std::size_t entries() const { return entries_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const CacheScope> scope;
    std::shared_ptr<const CachedAnswer> answer;
    std::size_t bytes = 0;     // as counted; guarded by table_mutex_
    std::uint64_t placed = 0;  // last_used when it was put at the head of the list; guarded by table_mutex_
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
  };

  void touch(const Entry& entry) const;
  // Returns what an entry counts against the limit, its place in the table and in the list included.
  [[nodiscard]] static std::size_t bytes_of(const std::string& key, const CachedAnswer& answer);
  // Entries leave in two steps: first from the list, which can be undone, then from the table. Nothing
  // between the steps may throw.
  void take_out(std::list<EntryPtr>::iterator at, std::list<EntryPtr>& out) OFFLOADER_REQUIRES(table_mutex_);
  void put_back(std::list<EntryPtr>& entries, std::list<EntryPtr>::iterator before)
      OFFLOADER_REQUIRES(table_mutex_);
  // Takes the least recently used entries out until there is room for `entries` and `bytes` more.
  void make_place(std::size_t entries, std::size_t bytes, std::list<EntryPtr>& out)
      OFFLOADER_REQUIRES(table_mutex_);
  // Counts, in the memory for answers, the texts of a leaving entry that someone still holds.
  static void count(const Entry& entry, Transfer& transfer);
  // Settles the counts when `entering`, which may be null, enters the cache and `out` leaves it. Returns
  // false, with nothing changed, if the texts of `out` that someone holds do not fit.
  [[nodiscard]] static bool swap_counts(const CachedAnswer* entering, const std::list<EntryPtr>& out);
  // Removes an entry that was taken out from the table.
  void forget(Entry& entry) OFFLOADER_REQUIRES(table_mutex_);
  // Returns whether enough dropped bytes may linger that the readers must be nudged, and starts over if so.
  [[nodiscard]] bool nudge_due() OFFLOADER_REQUIRES(table_mutex_);

  Limits limits_;
  std::vector<Reader> readers_;
  mutable std::atomic<std::uint64_t> clock_{1};
  Mutex table_mutex_;
  std::list<EntryPtr> order_ OFFLOADER_GUARDED_BY(table_mutex_);  // most recently placed first
  std::unordered_map<std::string_view, std::list<EntryPtr>::iterator> table_
      OFFLOADER_GUARDED_BY(table_mutex_);
  std::function<bool(const CacheScope&)> is_live_ OFFLOADER_GUARDED_BY(table_mutex_);  // of the last retain()
  std::atomic<std::uint64_t> epoch_{0};
  std::size_t lingering_bytes_ OFFLOADER_GUARDED_BY(table_mutex_) = 0;  // dropped since the last nudge
  std::atomic<std::size_t> entries_{0};
  std::atomic<std::size_t> bytes_{0};
  std::function<void()> nudge_;
};

}  // namespace offloader::serving
