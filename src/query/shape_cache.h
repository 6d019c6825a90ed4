#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "offloader/query/plan.h"

namespace offloader::query {

// The shapes of one compiler, by the set of optional filter params present: a bit string, one `0` or `1` per
// param. With few such params all are made at once; else on first use, in slots that are filled once and
// never emptied, so that finding is reading one pointer. Any thread, no lock.
class ShapeCache {
 public:
  using Make = std::function<std::shared_ptr<const PlanShape>(const std::string& bits)>;

  ShapeCache(std::size_t params, Make make);
  ~ShapeCache();
  ShapeCache(const ShapeCache&) = delete;
  ShapeCache& operator=(const ShapeCache&) = delete;

  // `mask` is the same set as a number, used where all shapes are made at once.
  [[nodiscard]] std::shared_ptr<const PlanShape> find(const std::string& bits, std::size_t mask) const;
  [[nodiscard]] bool complete() const { return !all_.empty(); }

 private:
  struct Entry {
    std::string bits;
    std::shared_ptr<const PlanShape> shape;
  };
  static constexpr std::size_t kMostParamsAtOnce = 8;
  static constexpr std::size_t kSlots = 1024;
  static constexpr std::size_t kProbes = 16;

  Make make_;
  std::vector<std::shared_ptr<const PlanShape>> all_;
  mutable std::vector<std::atomic<const Entry*>> slots_;
};

}  // namespace offloader::query
