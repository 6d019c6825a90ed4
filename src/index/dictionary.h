#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace offloader::index {

// Collects the distinct strings of a column, numbers them in order of first appearance, and finally sorts
// them by bytes. Memory: each distinct string once, plus about 40 bytes. Owned by a ColumnWriter. One thread.
class DictionaryBuilder {
 public:
  static constexpr std::uint32_t kFull = 0xFFFF'FFFFU;
  static constexpr std::size_t kMaxEntries = 64U << 20;

  DictionaryBuilder();

  // Returns the id of `text`, which is added if it is new. Returns kFull if there are kMaxEntries strings
  // already or if `text` has 4 GiB or more.
  [[nodiscard]] std::uint32_t add(std::string_view text);
  [[nodiscard]] std::string_view text(std::uint32_t id) const {
    return {entries_[id].data, entries_[id].bytes};
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  // Returns the ids in the order of their strings. Requires: no add() afterwards, since the hash table is
  // freed.
  [[nodiscard]] std::vector<std::uint32_t> sort();

 private:
  struct Entry {
    const char* data;
    std::uint32_t bytes;
    std::uint32_t hash;
  };

  const char* keep(std::string_view text);
  void grow();

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // id + 1, or 0 if free
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_left_ = 0;
  char* block_at_ = nullptr;
};

}  // namespace offloader::index
