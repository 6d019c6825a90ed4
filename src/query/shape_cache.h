#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "offloader/query/plan.h"

namespace offloader::query {

// A set of an endpoint's optional filter params, by position. A value type.
class FilterSet {
 public:
  // The empty subset of `params` params.
  explicit FilterSet(std::size_t params) : bits_(params > kMaskParams ? params : 0, '0') {}

  void add(std::size_t place) {
    if (bits_.empty()) {
      mask_ |= std::size_t{1} << place;
    } else {
      bits_[place] = '1';
    }
  }
  [[nodiscard]] bool has(std::size_t place) const {
    return bits_.empty() ? (mask_ >> place & 1) != 0 : bits_[place] == '1';
  }
  // For up to kMaskParams params, the set itself as a bit mask.
  [[nodiscard]] std::size_t hash() const { return bits_.empty() ? mask_ : std::hash<std::string>{}(bits_); }
  friend bool operator==(const FilterSet&, const FilterSet&) = default;

  static constexpr std::size_t kMaskParams = 10;

 private:
  std::size_t mask_ = 0;
  std::string bits_;  // used if there are more than kMaskParams params
};

// What of a request determines the shape of its plan. A value type.
struct ShapeKey {
  FilterSet present;
  // What the caller chose among what the contract lists, such as the order, in a form of the compiler's;
  // empty for an endpoint without choices.
  std::string choices{};

  [[nodiscard]] std::size_t hash() const {
    return choices.empty() ? present.hash() : present.hash() ^ std::hash<std::string>{}(choices);
  }
  friend bool operator==(const ShapeKey&, const ShapeKey&) = default;
};

// The shapes of one compiler. A shape is added when a request first needs it, to a slot that is filled once
// and never emptied, so a later lookup only reads two pointers. Holds at most 1,024 shapes and allocates
// memory only for those in use. Owned by its compiler. Lock-free; any thread may call it.
class ShapeCache {
 public:
  ShapeCache() = default;
  ~ShapeCache();
  ShapeCache(const ShapeCache&) = delete;
  ShapeCache& operator=(const ShapeCache&) = delete;

  // Returns null if there is no shape of this key.
  [[nodiscard]] std::shared_ptr<const PlanShape> find(const ShapeKey& key) const;

  // Returns the shape that other requests find: this one, or that of another thread that was first. If there
  // are more keys than slots, it may return this one without keeping it.
  [[nodiscard]] std::shared_ptr<const PlanShape> add(ShapeKey key,
                                                     std::shared_ptr<const PlanShape> shape) const;

 private:
  struct Entry {
    ShapeKey key;
    std::shared_ptr<const PlanShape> shape;
  };
  static constexpr std::size_t kBlocks = 16;
  static constexpr std::size_t kBlockSlots = 64;
  static constexpr std::size_t kSlots = kBlocks * kBlockSlots;
  static constexpr std::size_t kProbes = 16;
  static_assert(kSlots == std::size_t{1} << FilterSet::kMaskParams, "small sets have a slot each");
  using Slot = std::atomic<const Entry*>;
  using Block = std::array<Slot, kBlockSlots>;

  [[nodiscard]] Slot& slot(std::size_t at) const;

  mutable std::array<std::atomic<Block*>, kBlocks> blocks_{};
};

}  // namespace offloader::query
