#include "offloader/serving/response_cache.h"

#include <utility>

namespace offloader::serving {
namespace {

constexpr std::size_t kSlots = 4096;

}  // namespace

ResponseCache::ResponseCache(Limits limits, std::size_t readers) : limits_(limits), readers_(readers) {
  for (Reader& reader : readers_) reader.slots.resize(kSlots);
}

void ResponseCache::set_nudge(std::function<void()> nudge) {
  nudge_ = std::move(nudge);
}

// The clock moves with insertions: entries used between the same two insertions count as equally recent, and
// a hit writes only when that changes something.
void ResponseCache::touch(const Entry& entry) const {
  const std::uint64_t now = clock_.load(std::memory_order_relaxed);
  if (entry.last_used.load(std::memory_order_relaxed) != now)
    entry.last_used.store(now, std::memory_order_relaxed);
}

std::shared_ptr<const CachedAnswer> ResponseCache::find(std::size_t reader, std::string_view key) {
  const std::uint64_t hash = std::hash<std::string_view>{}(key);
  Slot& slot = readers_[reader].slots[hash % kSlots];
  if (slot.entry && slot.hash == hash && slot.entry->key == key) {
    if (!slot.entry->dropped.load(std::memory_order_acquire)) {
      touch(*slot.entry);
      return slot.entry->answer;
    }
    slot.entry.reset();
  }
  EntryPtr found;
  {
    const std::lock_guard lock(table_mutex_);
    const auto at = table_.find(key);
    if (at == table_.end()) return nullptr;
    found = *at->second;
  }
  touch(*found);
  slot.hash = hash;
  slot.entry = found;
  return found->answer;
}

std::shared_ptr<const CachedAnswer> ResponseCache::peek(std::string_view key) {
  const std::lock_guard lock(table_mutex_);
  const auto at = table_.find(key);
  if (at == table_.end()) return nullptr;
  touch(**at->second);
  return (*at->second)->answer;
}

void ResponseCache::insert(std::string key, const CacheScope& scope,
                           std::shared_ptr<const CachedAnswer> answer, std::uint64_t epoch) {
  auto entry = std::make_shared<Entry>();
  entry->bytes =
      answer->bytes() + key.capacity() + sizeof(Entry) + 128;  // 128: the table's and the list's nodes
  if (entry->bytes > limits_.max_bytes || limits_.max_entries == 0) return;
  entry->key = std::move(key);
  entry->scope = std::make_shared<const CacheScope>(scope);
  entry->answer = std::move(answer);
  std::list<EntryPtr> placed{entry};
  std::list<EntryPtr> out;  // freed after the lock
  bool nudge = false;
  {
    const std::lock_guard lock(table_mutex_);
    if (epoch != epoch_.load(std::memory_order_relaxed) && is_live_ && !is_live_(scope)) return;
    entry->placed = clock_.fetch_add(1, std::memory_order_relaxed) + 1;
    entry->last_used.store(entry->placed, std::memory_order_relaxed);
    if (const auto old = table_.find(entry->key); old != table_.end()) take_out(old->second, out);
    make_place(1, entry->bytes, out);
    if (!swap_counts(*entry->answer, out)) return put_back(out, order_.end());
    for (const EntryPtr& gone : out) forget(*gone);
    nudge = nudge_due();
    table_.emplace(entry->key, placed.begin());
    put_back(placed, order_.begin());
    entries_.store(table_.size(), std::memory_order_relaxed);
  }
  if (nudge && nudge_) nudge_();
}

void ResponseCache::grown(std::string_view key) {
  std::list<EntryPtr> out;
  bool nudge = false;
  {
    const std::lock_guard lock(table_mutex_);
    const auto at = table_.find(key);
    if (at == table_.end()) return;
    Entry& entry = **at->second;
    const std::size_t now = entry.answer->bytes() + entry.key.capacity() + sizeof(Entry) + 128;
    bytes_.fetch_add(now - entry.bytes, std::memory_order_relaxed);
    entry.bytes = now;
    make_place(0, 0, out);
    drop(out);
    nudge = nudge_due();
  }
  if (nudge && nudge_) nudge_();
}

void ResponseCache::take_out(std::list<EntryPtr>::iterator at, std::list<EntryPtr>& out) {
  bytes_.fetch_sub((*at)->bytes, std::memory_order_relaxed);
  out.splice(out.begin(), order_, at);
}

void ResponseCache::put_back(std::list<EntryPtr>& entries, std::list<EntryPtr>::iterator before) {
  for (const EntryPtr& entry : entries) bytes_.fetch_add(entry->bytes, std::memory_order_relaxed);
  order_.splice(before, entries);
}

// CLOCK: hits do not move entries in the list. An entry that was used since it was placed gets a second
// chance at the front.
void ResponseCache::make_place(std::size_t entries, std::size_t bytes, std::list<EntryPtr>& out) {
  while (!order_.empty() && (order_.size() + entries > limits_.max_entries ||
                             bytes_.load(std::memory_order_relaxed) + bytes > limits_.max_bytes)) {
    const auto last = std::prev(order_.end());
    Entry& entry = **last;
    const std::uint64_t used = entry.last_used.load(std::memory_order_relaxed);
    if (used != entry.placed) {
      entry.placed = used;
      order_.splice(order_.begin(), order_, last);
    } else {
      take_out(last, out);
    }
  }
}

// A request that holds the answer will send it, even if it has not taken the text yet.
void ResponseCache::count(const Entry& entry, Transfer& transfer) {
  entry.answer->leave_cache(entry.answer.use_count() > 1, transfer);
}

bool ResponseCache::swap_counts(const CachedAnswer& entering, const std::list<EntryPtr>& out) {
  Transfer transfer;
  entering.enter_cache(transfer);
  for (const EntryPtr& gone : out) count(*gone, transfer);
  if (transfer.try_settle()) return true;
  for (const EntryPtr& stays : out) stays->answer->enter_cache(transfer);
  entering.leave_cache(true, transfer);
  return false;
}

void ResponseCache::forget(Entry& entry) {
  entry.dropped.store(true, std::memory_order_release);
  lingering_bytes_ += entry.bytes;
  table_.erase(entry.key);
  entries_.store(table_.size(), std::memory_order_relaxed);
}

void ResponseCache::drop(const std::list<EntryPtr>& out) {
  Transfer transfer;
  for (const EntryPtr& gone : out) {
    count(*gone, transfer);
    forget(*gone);
  }
}

bool ResponseCache::nudge_due() {
  if (lingering_bytes_ <= limits_.max_bytes / 16) return false;
  lingering_bytes_ = 0;
  return true;
}

void ResponseCache::retain(std::function<bool(const CacheScope&)> is_live) {
  std::list<EntryPtr> out;
  const std::lock_guard lock(table_mutex_);
  is_live_ = std::move(is_live);
  epoch_.fetch_add(1, std::memory_order_release);
  // is_live_ is called before anything is taken out: if it throws, the table still has what the order has.
  std::vector<std::list<EntryPtr>::iterator> dead;
  for (auto at = order_.begin(); at != order_.end(); ++at) {
    if (!is_live_(*(*at)->scope)) dead.push_back(at);
  }
  for (const auto at : dead) take_out(at, out);
  drop(out);
  lingering_bytes_ = 0;  // the caller's publication nudges the readers
}

void ResponseCache::sweep(std::size_t reader) {
  for (Slot& slot : readers_[reader].slots) {
    if (slot.entry && slot.entry->dropped.load(std::memory_order_acquire)) slot.entry.reset();
  }
}

}  // namespace offloader::serving
