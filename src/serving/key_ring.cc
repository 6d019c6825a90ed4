#include "offloader/serving/key_ring.h"

#include <algorithm>
#include <cstring>

#include "offloader/base/ascii.h"

namespace offloader::serving {
namespace {

std::uint64_t prefix_of(const Sha256& hash) {
  std::uint64_t prefix;
  std::memcpy(&prefix, hash.data(), sizeof prefix);
  return prefix;
}

std::string_view view_of(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

bool starts_with_bearer(std::string_view value) {
  return ascii::istarts_with(value, "bearer ");
}

}  // namespace

KeyRing::KeyRing(std::vector<std::pair<Sha256, KeyGrants>> keys,
                 std::unique_ptr<const std::vector<std::string>> names)
    : names_(std::move(names)) {
  entries_.reserve(keys.size() + 1);
  entries_.push_back({});
  // Entries that share a prefix lie side by side.
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [hash, grants] : keys) {
    by_prefix_.try_emplace(prefix_of(hash), entries_.size());
    entries_.push_back({hash, std::move(grants)});
  }
}

KeyRing::Found KeyRing::find(std::optional<std::string_view> authorization) const {
  if (!authorization) return {AuthOutcome::missing};
  if (!starts_with_bearer(*authorization)) return {AuthOutcome::malformed};
  std::string_view token = authorization->substr(7);
  while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
  if (token.empty() || token.size() > 512 || token.find(' ') != std::string_view::npos)
    return {AuthOutcome::malformed};

  const Sha256 hash = sha256(token);
  const auto found = by_prefix_.find(prefix_of(hash));
  for (std::size_t i = found == by_prefix_.end() ? 0 : found->second; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (equal_in_constant_time(view_of(hash), view_of(entry.hash)) && i != 0) {
      return {entry.grants.active ? AuthOutcome::ok : AuthOutcome::revoked, &entry.grants};
    }
    if (i == 0 || i + 1 == entries_.size() || prefix_of(entries_[i + 1].hash) != prefix_of(hash)) break;
  }
  return {AuthOutcome::unknown};
}

}  // namespace offloader::serving
