#include "dictionary.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

namespace offloader::index {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;

std::uint32_t hash_of(std::string_view text) {
  const std::size_t hash = std::hash<std::string_view>{}(text);
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

// The eight bytes after the common prefix as a number, the first byte most significant. Shorter texts are
// padded with zeros.
std::uint64_t prefix_of(std::string_view text, std::size_t skipped) {
  unsigned char bytes[8] = {};
  if (text.size() > skipped)
    std::memcpy(bytes, text.data() + skipped, std::min<std::size_t>(8, text.size() - skipped));
  std::uint64_t word = 0;
  for (const unsigned char byte : bytes) word = (word << 8) | byte;
  return word;
}

}  // namespace

DictionaryBuilder::DictionaryBuilder() : slots_(1024, 0) {}

const char* DictionaryBuilder::keep(std::string_view text) {
  if (text.size() > block_left_) {
    const std::size_t bytes = std::max(kBlockBytes, text.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    block_at_ = blocks_.back().get();
    block_left_ = bytes;
  }
  char* kept = block_at_;
  if (!text.empty()) std::memcpy(kept, text.data(), text.size());
  block_at_ += text.size();
  block_left_ -= text.size();
  return kept;
}

void DictionaryBuilder::grow() {
  std::vector<std::uint32_t> slots(slots_.size() * 2, 0);
  const std::size_t mask = slots.size() - 1;
  for (std::size_t id = 0; id < entries_.size(); ++id) {
    std::size_t at = entries_[id].hash & mask;
    while (slots[at] != 0) at = (at + 1) & mask;
    slots[at] = static_cast<std::uint32_t>(id + 1);
  }
  slots_ = std::move(slots);
}

std::uint32_t DictionaryBuilder::add(std::string_view text) {
  const std::uint32_t hash = hash_of(text);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    const Entry& known = entries_[slots_[at] - 1];
    if (known.hash == hash && std::string_view(known.data, known.bytes) == text) return slots_[at] - 1;
  }
  if (entries_.size() >= kMaxEntries || text.size() > 0xFFFF'FFFFU) return kFull;
  entries_.push_back({keep(text), static_cast<std::uint32_t>(text.size()), hash});
  slots_[at] = static_cast<std::uint32_t>(entries_.size());
  if (entries_.size() * 2 > slots_.size()) grow();
  return static_cast<std::uint32_t>(entries_.size() - 1);
}

std::vector<std::uint32_t> DictionaryBuilder::sort() {
  slots_ = {};
  std::size_t common = entries_.empty() ? 0 : entries_[0].bytes;
  for (std::size_t id = 1; id < entries_.size() && common > 0; ++id) {
    const std::string_view first = text(0);
    const std::string_view other = text(static_cast<std::uint32_t>(id));
    std::size_t same = 0;
    while (same < common && same < other.size() && first[same] == other[same]) ++same;
    common = same;
  }
  struct Item {
    std::uint64_t prefix;
    std::uint32_t id;
  };
  std::vector<Item> items(entries_.size());
  for (std::size_t id = 0; id < items.size(); ++id) {
    items[id] = {prefix_of(text(static_cast<std::uint32_t>(id)), common), static_cast<std::uint32_t>(id)};
  }
  std::sort(items.begin(), items.end(), [this](const Item& a, const Item& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return text(a.id) < text(b.id);
  });
  std::vector<std::uint32_t> order(items.size());
  std::transform(items.begin(), items.end(), order.begin(), [](const Item& item) { return item.id; });
  return order;
}

}  // namespace offloader::index
