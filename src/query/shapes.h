#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "choice.h"
#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"
#include "sent_values.h"
#include "shape_cache.h"

namespace offloader::query {

// The plan shapes of one endpoint, each built when a request first needs it. Refers to the contract, which
// must outlive it. Any thread may call it.
class Shapes {
 public:
  Shapes(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset);

  // Returns which of the optional filters apply. Requires: defaults have been filled in.
  [[nodiscard]] FilterSet present(SentValues& request) const;

  // Returns the shape of a request. `bucket` is the request's, if the endpoint has one.
  [[nodiscard]] std::shared_ptr<const PlanShape> find(const FilterSet& present, const Choice& choice,
                                                      const std::optional<Bucket>& bucket) const;
  // Returns the same without an order.
  [[nodiscard]] std::shared_ptr<const PlanShape> find_unordered(const FilterSet& present,
                                                                const Choice& choice,
                                                                const std::optional<Bucket>& bucket) const;
  // Returns the shape of its grand total.
  [[nodiscard]] std::shared_ptr<const PlanShape> find_totals(const FilterSet& present,
                                                             const std::optional<Bucket>& bucket) const;

 private:
  static constexpr std::size_t kAlways = static_cast<std::size_t>(-1);

  static std::vector<std::size_t> optional_params(const catalog::Endpoint& endpoint);
  [[nodiscard]] std::size_t count_optional() const;
  [[nodiscard]] std::shared_ptr<const PlanShape> make(const PlanShape& common, const FilterSet& present,
                                                      const std::optional<Bucket>& bucket) const;
  [[nodiscard]] ShapeKey key_of(const FilterSet& present, const Choice& choice,
                                const std::optional<Bucket>& bucket) const;
  void append_bucket(std::string& key, const std::optional<Bucket>& bucket) const;

  const catalog::Endpoint& endpoint_;
  const catalog::Dataset& dataset_;
  // Each param's position among those whose filters may be absent, or kAlways.
  const std::vector<std::size_t> optional_;
  const std::size_t optional_count_;
  const std::optional<std::size_t> bucketed_;  // of the selects
  const PlanShape common_;                     // of the standard choice
  const ShapeCache cache_;
};

}  // namespace offloader::query
