#pragma once

#include <cstdint>
#include <vector>

namespace offloader::index {

// The distinct keys of each group, for one aggregate. A hash table with open addressing. One thread.
class DistinctKeys {
 public:
  // The most keys that it remembers, in all groups together: 32 MiB.
  static constexpr std::size_t kMost = 1 << 20;

  // Forgets everything. Keeps its memory unless it is large.
  void clear() {
    if (entries_.size() > kKept) entries_ = {};
    entries_.assign(entries_.empty() ? kFirst : entries_.size(), Entry{});
    size_ = 0;
    full_ = false;
  }

  // Adds a key. Returns whether the group did not have it. Once full(), it returns anything.
  bool add(std::uint32_t group, std::uint64_t key) {
    full_ = full_ || size_ == kMost;
    if (full_) return false;
    if (size_ * 2 >= entries_.size()) grow();
    Entry& entry = slot(group, key);
    if (entry.used) return false;
    entry = {key, group, true};
    ++size_;
    return true;
  }

  // Whether there were more keys than it remembers.
  [[nodiscard]] bool full() const { return full_; }

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t group = 0;
    bool used = false;
  };
  static constexpr std::size_t kFirst = 1024;
  static constexpr std::size_t kKept = 1 << 16;

  [[nodiscard]] Entry& slot(std::uint32_t group, std::uint64_t key) {
    const std::size_t mask = entries_.size() - 1;
    std::uint64_t hash = (key ^ (std::uint64_t{group} << 40)) * 0x9E3779B97F4A7C15ULL;
    hash = (hash ^ (hash >> 32) ^ group) * 0x9E3779B97F4A7C15ULL;
    std::size_t at = (hash >> 32) & mask;
    while (entries_[at].used && (entries_[at].key != key || entries_[at].group != group))
      at = (at + 1) & mask;
    return entries_[at];
  }

  void grow() {
    std::vector<Entry> before(entries_.empty() ? kFirst : entries_.size() * 2);
    before.swap(entries_);
    for (const Entry& entry : before) {
      if (entry.used) slot(entry.group, entry.key) = entry;
    }
  }

  std::vector<Entry> entries_;
  std::size_t size_ = 0;
  bool full_ = false;
};

}  // namespace offloader::index
