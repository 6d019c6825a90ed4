#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "offloader/query/plan.h"

namespace offloader::query {

// A set of the optional filter params of an endpoint, by their places.
class FilterSet {
 public:
  // Of none of `params` params.
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
  // With at most kMaskParams params the set itself, as a number.
  [[nodiscard]] std::size_t hash() const { return bits_.empty() ? mask_ : std::hash<std::string>{}(bits_); }
  friend bool operator==(const FilterSet&, const FilterSet&) = default;

  static constexpr std::size_t kMaskParams = 10;

 private:
  std::size_t mask_ = 0;
  std::string bits_;  // used where the set is too large for a table of all of them
};

// The shapes of one compiler, by the set of optional filter params present. Each is made when it is first
// asked for, in a slot that is filled once and never emptied, so that finding it again is reading two
// pointers. Holds at most 1,024 shapes, and no memory for those that nobody asked for. Any thread, no lock.
class ShapeCache {
 public:
  using Make = std::function<std::shared_ptr<const PlanShape>(const FilterSet& present)>;

  explicit ShapeCache(Make make) : make_(std::move(make)) {}
  ~ShapeCache();
  ShapeCache(const ShapeCache&) = delete;
  ShapeCache& operator=(const ShapeCache&) = delete;

  // One and the same shape for equal sets, unless more sets than there is room for were asked for.
  [[nodiscard]] std::shared_ptr<const PlanShape> find(const FilterSet& present) const;

 private:
  struct Entry {
    FilterSet present;
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

  Make make_;
  mutable std::array<std::atomic<Block*>, kBlocks> blocks_{};
};

}  // namespace offloader::query
