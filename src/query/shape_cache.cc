#include "shape_cache.h"

namespace offloader::query {

ShapeCache::~ShapeCache() {
  for (const auto& each : blocks_) {
    const std::unique_ptr<const Block> block(each.load(std::memory_order_acquire));
    if (block == nullptr) continue;
    for (const Slot& slot : *block) delete slot.load(std::memory_order_acquire);
  }
}

ShapeCache::Slot& ShapeCache::slot(std::size_t at) const {
  std::atomic<Block*>& place = blocks_[at / kBlockSlots];
  Block* block = place.load(std::memory_order_acquire);
  if (block == nullptr) {
    auto made = std::make_unique<Block>();
    // If another thread was first, use its block.
    if (place.compare_exchange_strong(block, made.get(), std::memory_order_acq_rel)) block = made.release();
  }
  return (*block)[at % kBlockSlots];
}

std::shared_ptr<const PlanShape> ShapeCache::find(const FilterSet& present) const {
  const std::size_t start = present.hash();
  std::unique_ptr<Entry> made;
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    Slot& at = slot((start + probe) % kSlots);
    const Entry* found = at.load(std::memory_order_acquire);
    if (found == nullptr) {
      if (!made) made = std::make_unique<Entry>(Entry{present, make_(present)});
      if (at.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel))
        return made.release()->shape;
    }
    // If another thread was first with the same set, share its shape and id.
    if (found->present == present) return found->shape;
  }
  // All probed slots hold other sets. Return a shape for this request only, so that callers cannot grow the
  // cache.
  return made ? made->shape : make_(present);
}

}  // namespace offloader::query
