#include "offloader/catalog/key_changes.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace offloader::catalog {
namespace {

constexpr std::chrono::days kAhead{14};

std::vector<std::uint32_t> sorted_by_id(const KeyTable& keys) {
  std::vector<std::uint32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return keys.view(i).id; });
  return order;
}

template <typename T>
bool both_or_neither(const T* a, const T* b) {
  return (a == nullptr) == (b == nullptr) && (a == nullptr || *a == *b);
}

bool same(const KeyTable& before, const KeyView& a, const KeyTable& after, const KeyView& b) {
  return both_or_neither(a.hash, b.hash) && both_or_neither(a.previous_hash, b.previous_hash) &&
         a.tenant == b.tenant && before.grants()[a.grants] == after.grants()[b.grants] &&
         a.active == b.active && a.description == b.description && a.certificate_san == b.certificate_san &&
         a.lifetime == b.lifetime && both_or_neither(a.limits, b.limits) &&
         std::ranges::equal(a.allowed_cidrs, b.allowed_cidrs);
}

std::string when(std::chrono::days days) {
  if (days == std::chrono::days(0)) return "in less than a day";
  return "in " + std::to_string(days.count()) + (days == std::chrono::days(1) ? " day" : " days");
}

}  // namespace

KeyChanges changes_of(const KeyTable& before, const KeyTable& after) {
  KeyChanges out;
  if (before == after) return out;
  const std::vector<std::uint32_t> old_order = sorted_by_id(before);
  const std::vector<std::uint32_t> new_order = sorted_by_id(after);
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < old_order.size() || j < new_order.size()) {
    if (j == new_order.size()) {
      out.removed.emplace_back(before.view(old_order[i++]).id);
      continue;
    }
    const KeyView next = after.view(new_order[j]);
    if (i == old_order.size()) {
      out.added.emplace_back(next.id);
      ++j;
      continue;
    }
    const KeyView old = before.view(old_order[i]);
    if (old.id < next.id) {
      out.removed.emplace_back(old.id);
      ++i;
    } else if (next.id < old.id) {
      out.added.emplace_back(next.id);
      ++j;
    } else {
      if (!same(before, old, after, next)) out.changed.emplace_back(next.id);
      ++i;
      ++j;
    }
  }
  return out;
}

Findings expiry_warnings(const KeyTable& keys, const std::string& file, SystemTime now) {
  Findings out;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const KeyView key = keys.view(i);
    if (!key.active || !key.lifetime.expires_at || *key.lifetime.expires_at - now >= kAhead) continue;
    const bool expired = *key.lifetime.expires_at <= now;
    const auto days = std::chrono::floor<std::chrono::days>(*key.lifetime.expires_at - now);
    out.push_back(
        {.file = file,
         .line = key.line,
         .path = "expires_at",
         .code = "key_expires",
         .message = expired ? "the key has expired" : "the key expires " + when(days),
         .hint = expired ? "remove the key, or change the time with `offloader keys expire`"
                         : "change the time with `offloader keys expire`, or move its users to a new key",
         .severity = Severity::warning});
  }
  return out;
}

}  // namespace offloader::catalog
