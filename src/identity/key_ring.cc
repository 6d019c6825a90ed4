#include "key_ring.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace offloader::identity {
namespace {

std::string_view view_of(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// Where the table looks for a hash, and what it compares first. Over all bytes, because the hashes in a keys
// file need not be real ones: those of a test may differ in their last digits alone.
struct Address {
  Address(const Sha256& hash, std::size_t slots) {
    const std::uint64_t mixed = std::hash<std::string_view>{}(view_of(hash));
    tag = static_cast<std::uint32_t>(mixed);
    place = ((mixed >> 32U) * slots) >> 32U;
  }

  std::uint32_t tag;
  std::size_t place;
};

bool equal(const Sha256& a, const Sha256& b) {
  return equal_in_constant_time(view_of(a), view_of(b));
}

constexpr std::uint32_t entry_of(std::size_t index, bool previous) {
  return static_cast<std::uint32_t>(1 + 2 * index + (previous ? 1 : 0));
}

constexpr std::size_t index_of(std::uint32_t entry) {
  return (entry - 1) / 2;
}

}  // namespace

KeyRing::KeyRing(catalog::KeyTable keys, const EndpointTable& endpoints)
    : keys_(std::move(keys)), endpoints_(endpoints) {
  std::size_t hashes = 0;
  for (const catalog::KeyView key : keys_)
    hashes += (key.hash != nullptr ? 1U : 0U) + (key.previous_hash != nullptr ? 1U : 0U);
  slots_.resize(hashes + hashes / 3 + 1);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const catalog::KeyView key = keys_.view(i);
    if (key.hash != nullptr) insert(*key.hash, entry_of(i, false));
    if (key.previous_hash != nullptr) insert(*key.previous_hash, entry_of(i, true));
    if (!key.certificate_san.empty()) by_name_.push_back(static_cast<std::uint32_t>(i));
  }
  by_name_.shrink_to_fit();
  std::ranges::sort(by_name_, {}, [&](std::uint32_t i) { return keys_.view(i).certificate_san; });
  granted_.reserve(keys_.grants().size());
  for (const catalog::KeyGrants& grants : keys_.grants()) {
    granted_.push_back(grants.every_endpoint ? std::nullopt
                                             : std::optional(endpoints.indices_of(grants.endpoints)));
  }
}

void KeyRing::insert(const Sha256& hash, std::uint32_t entry) {
  const Address address(hash, slots_.size());
  std::size_t at = address.place;
  while (slots_[at].entry != 0) at = after(at);
  slots_[at] = {address.tag, entry};
}

const Sha256& KeyRing::hash_of(std::uint32_t entry) const {
  const catalog::KeyView key = keys_.view(index_of(entry));
  return entry % 2 == 0 ? *key.previous_hash : *key.hash;
}

std::optional<std::size_t> KeyRing::find(const Sha256& hash) const {
  static constexpr Sha256 kNobody{};
  const Address address(hash, slots_.size());
  for (std::size_t at = address.place; slots_[at].entry != 0; at = after(at)) {
    const Slot slot = slots_[at];
    if (slot.tag == address.tag && equal(hash, hash_of(slot.entry))) return index_of(slot.entry);
  }
  // The same work for a token that no key has.
  static_cast<void>(equal(hash, kNobody));
  return std::nullopt;
}

std::optional<std::size_t> KeyRing::find_certificate(std::span<const std::string> names) const {
  const auto name_of = [&](std::uint32_t i) { return keys_.view(i).certificate_san; };
  for (const std::string_view name : names) {
    const auto found = std::ranges::lower_bound(by_name_, name, {}, name_of);
    if (found != by_name_.end() && name_of(*found) == name) return *found;
  }
  return std::nullopt;
}

std::shared_ptr<const Principal> KeyRing::principal_of(const catalog::KeyView& key) const {
  auto out = std::make_shared<Principal>();
  out->id = key.id;
  const std::string scheduled =
      key.tenant ? std::string("tenant:").append(*key.tenant) : std::string("key:").append(key.id);
  out->fairness_class = std::hash<std::string>{}(scheduled);
  out->table = &endpoints_;
  const auto& granted = granted_[key.grants];
  // A pointer without ownership or reference count: the ring outlives the principal.
  if (granted) out->endpoints = {std::shared_ptr<const EndpointIndices>(), &*granted};
  if (key.tenant) out->set_tenant(std::string(*key.tenant));
  if (key.limits != nullptr) out->limits = *key.limits;
  return out;
}

std::size_t KeyRing::bytes() const {
  std::size_t bytes = sizeof(KeyRing) + slots_.capacity() * sizeof(Slot) +
                      by_name_.capacity() * sizeof(std::uint32_t) + granted_.capacity() * sizeof(granted_[0]);
  for (const auto& granted : granted_) {
    if (granted) bytes += granted->capacity() * sizeof(std::uint32_t);
  }
  return bytes;
}

}  // namespace offloader::identity
