#include "key_ring.h"

#include <algorithm>
#include <cstring>

namespace offloader::identity {
namespace {

std::uint64_t prefix_of(const Sha256& hash) {
  std::uint64_t prefix;
  std::memcpy(&prefix, hash.data(), sizeof prefix);
  return prefix;
}

std::string_view view_of(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

KeyRing::KeyRing(std::vector<Entry> keys) {
  entries_.reserve(keys.size() + 1);
  entries_.emplace_back();
  // Sorting puts entries that share a prefix next to each other.
  std::sort(keys.begin(), keys.end(), [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
  for (Entry& key : keys) {
    by_prefix_.try_emplace(prefix_of(key.hash), entries_.size());
    entries_.push_back(std::move(key));
  }
}

const KeyRing::Entry* KeyRing::find(const Sha256& hash) const {
  const auto found = by_prefix_.find(prefix_of(hash));
  for (std::size_t i = found == by_prefix_.end() ? 0 : found->second; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (equal_in_constant_time(view_of(hash), view_of(entry.hash)) && i != 0) return &entry;
    if (i == 0 || i + 1 == entries_.size() || prefix_of(entries_[i + 1].hash) != prefix_of(hash)) break;
  }
  return nullptr;
}

}  // namespace offloader::identity
