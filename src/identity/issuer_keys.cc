#include <utility>

#include "offloader/identity/key_sets.h"

namespace offloader::identity {

IssuerKeys::IssuerKeys(std::shared_ptr<const jwt::KeySet> keys)
    : number_(1), usable_until_(Duration::max()), keys_(std::move(keys)) {}

IssuerKeys::IssuerKeys(std::string id, std::string url, std::weak_ptr<KeySets> owner)
    : id_(std::move(id)), url_(std::move(url)), owner_(std::move(owner)) {}

IssuerKeys::Current IssuerKeys::current(SteadyTime now) const {
  const MutexLock lock(keys_mutex_);
  const std::uint64_t number = number_.load(std::memory_order_relaxed);
  return {is_current(number, now) ? keys_ : nullptr, number};
}

IssuerKeys::Asked IssuerKeys::fetch(std::uint64_t seen, std::function<void()> done) {
  const auto owner = owner_.lock();
  return owner ? owner->ask(*this, seen, std::move(done)) : Asked::refused;
}

void IssuerKeys::accept(std::shared_ptr<const jwt::KeySet> keys, SteadyTime usable_until) {
  const MutexLock lock(keys_mutex_);
  if (keys) {
    keys_ = std::move(keys);
    number_.fetch_add(1, std::memory_order_release);
  }
  usable_until_.store(usable_until.time_since_epoch(), std::memory_order_release);
}

}  // namespace offloader::identity
