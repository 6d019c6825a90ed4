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

std::shared_ptr<const PlanShape> ShapeCache::find(const ShapeKey& key) const {
  const std::size_t start = key.hash();
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    const Entry* const found = slot((start + probe) % kSlots).load(std::memory_order_acquire);
    if (found == nullptr) return nullptr;
    if (found->key == key) return found->shape;
  }
  return nullptr;
}

std::shared_ptr<const PlanShape> ShapeCache::add(ShapeKey key, std::shared_ptr<const PlanShape> shape) const {
  const std::size_t start = key.hash();
  auto made = std::make_unique<Entry>(Entry{std::move(key), std::move(shape)});
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    Slot& at = slot((start + probe) % kSlots);
    const Entry* found = at.load(std::memory_order_acquire);
    if (found == nullptr && at.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel))
      return made.release()->shape;
    // If another thread was first with the same key, share its shape and id.
    if (found->key == made->key) return found->shape;
  }
  // All probed slots hold other keys. The shape serves this request only, so that callers cannot grow the
  // cache.
  return std::move(made->shape);
}

}  // namespace offloader::query
