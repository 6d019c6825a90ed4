#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace offloader::index {

// Distinct strings in order of first appearance, and at the end their order by bytes. In memory: the strings
// once, and about 40 bytes for each; never a string per row. One thread.
class DictionaryBuilder {
 public:
  static constexpr std::uint32_t kFull = 0xFFFF'FFFFU;
  static constexpr std::size_t kMaxEntries = 64U << 20;

  DictionaryBuilder();

  // The number of `text`, new or known; kFull once there are more than kMaxEntries.
  [[nodiscard]] std::uint32_t add(std::string_view text);
  [[nodiscard]] std::string_view text(std::uint32_t id) const {
    return {entries_[id].data, entries_[id].bytes};
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  // Ids in the order of their strings. Empties the hash table: nothing can be added after it.
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
  std::vector<std::uint32_t> slots_;  // id + 1; 0 is free
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_left_ = 0;
  char* block_at_ = nullptr;
};

}  // namespace offloader::index
