#include "failure_limiter.h"

#include <algorithm>

namespace offloader::admin {

std::optional<std::chrono::seconds> FailureLimiter::record(std::string_view address) {
  const SteadyTime now = clock_.steady_now();
  const MutexLock lock(entries_mutex_);
  if (const auto known = by_address_.find(address); known != by_address_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
  } else {
    if (entries_.size() >= kMaxAddresses) {
      by_address_.erase(entries_.back().address);
      entries_.pop_back();
    }
    entries_.push_front({.address = std::string(address), .times = {}, .count = 0});
    by_address_.emplace(entries_.front().address, entries_.begin());
  }
  Entry& entry = entries_.front();
  entry.times[entry.count++ % kLimit] = now;
  if (entry.count < kLimit) return std::nullopt;
  // The ring is full, so the next slot holds the oldest of the last ten failures.
  if (now - entry.times[entry.count % kLimit] >= kWindow) return std::nullopt;
  // At the next failure, this one will be the oldest of the last ten.
  const SteadyTime oldest_then = entry.times[(entry.count + 1) % kLimit];
  const auto wait = std::chrono::ceil<std::chrono::seconds>(oldest_then + kWindow - now);
  return std::max(wait, std::chrono::seconds(1));
}

std::size_t FailureLimiter::addresses() const {
  const MutexLock lock(entries_mutex_);
  return entries_.size();
}

}  // namespace offloader::admin
