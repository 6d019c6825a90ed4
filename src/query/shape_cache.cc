#include "shape_cache.h"

namespace offloader::query {

ShapeCache::ShapeCache(std::size_t params, Make make) : make_(std::move(make)) {
  if (params > kMostParamsAtOnce) {
    slots_ = std::vector<std::atomic<const Entry*>>(kSlots);
    return;
  }
  for (std::size_t mask = 0; mask < (std::size_t{1} << params); ++mask) {
    std::string bits(params, '0');
    for (std::size_t i = 0; i < params; ++i) {
      if ((mask >> i & 1) != 0) bits[i] = '1';
    }
    all_.push_back(make_(bits));
  }
}

ShapeCache::~ShapeCache() {
  for (const auto& slot : slots_) delete slot.load(std::memory_order_acquire);
}

std::shared_ptr<const PlanShape> ShapeCache::find(const std::string& bits, std::size_t mask) const {
  if (complete()) return all_[mask];
  const std::size_t start = std::hash<std::string>{}(bits);
  std::unique_ptr<Entry> made;
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    auto& slot = slots_[(start + probe) % kSlots];
    const Entry* found = slot.load(std::memory_order_acquire);
    if (found == nullptr) {
      if (!made) made = std::make_unique<Entry>(Entry{bits, make_(bits)});
      if (slot.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel))
        return made.release()->shape;
    }
    // Another thread may have been first, with the same shape: its id is the one to share.
    if (found->bits == bits) return found->shape;
  }
  // The neighbourhood is full: a shape of this request alone, so that callers cannot make the cache grow.
  return made ? made->shape : make_(bits);
}

}  // namespace offloader::query
