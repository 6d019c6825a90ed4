#include "shapes.h"

#include <algorithm>
#include <utility>

#include "bucket_choice.h"
#include "canonical_writer.h"
#include "shape.h"

namespace offloader::query {

Shapes::Shapes(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset)
    : endpoint_(endpoint),
      dataset_(dataset),
      optional_(optional_params(endpoint)),
      optional_count_(count_optional()),
      bucketed_(bucketed_select(endpoint)),
      common_(common_shape(endpoint, dataset, standard_choice(endpoint))) {}

std::vector<std::size_t> Shapes::optional_params(const catalog::Endpoint& endpoint) {
  std::vector<std::size_t> places(endpoint.params.size(), kAlways);
  std::size_t next = 0;
  for (const auto* const filters : {&endpoint.filters, &endpoint.having}) {
    for (const catalog::Filter& filter : *filters) {
      if (!filter.has_param()) continue;
      const catalog::Param& param = endpoint.params[filter.param];
      if (param.required || param.has_default() || places[filter.param] != kAlways) continue;
      places[filter.param] = next++;
    }
  }
  return places;
}

std::size_t Shapes::count_optional() const {
  return static_cast<std::size_t>(
      std::count_if(optional_.begin(), optional_.end(), [](std::size_t place) { return place != kAlways; }));
}

std::shared_ptr<const PlanShape> Shapes::make(const PlanShape& common, const FilterSet& present,
                                              const std::optional<Bucket>& bucket) const {
  return make_shape(
      common, endpoint_, dataset_,
      [&](std::size_t param) { return optional_[param] == kAlways || present.has(optional_[param]); },
      bucket);
}

FilterSet Shapes::present(SentValues& request) const {
  FilterSet found(optional_count_);
  for (std::size_t i = 0; i < optional_.size(); ++i) {
    if (optional_[i] != kAlways && request.values[i] != nullptr) found.add(optional_[i]);
  }
  return found;
}

// Appends the part of a shape's key that the bucket makes.
void Shapes::append_bucket(std::string& key, const std::optional<Bucket>& bucket) const {
  if (bucket) append_choice(key, *endpoint_.select[*bucketed_].bucket, *bucket);
}

ShapeKey Shapes::key_of(const FilterSet& present, const Choice& choice,
                        const std::optional<Bucket>& bucket) const {
  ShapeKey key{present};
  append_bucket(key.choices, bucket);
  if (!choice.key.empty()) {
    // With the length, so that no other choices give the same key.
    std::string chosen;
    CanonicalWriter(chosen).text(choice.key);
    key.choices.insert(0, chosen);
  }
  return key;
}

std::shared_ptr<const PlanShape> Shapes::find(const FilterSet& present, const Choice& choice,
                                              const std::optional<Bucket>& bucket) const {
  ShapeKey key = key_of(present, choice, bucket);
  if (auto shape = cache_.find(key)) return shape;
  auto shape = choice.key.empty() ? make(common_, present, bucket)
                                  : make(common_shape(endpoint_, dataset_, choice), present, bucket);
  return cache_.add(std::move(key), std::move(shape));
}

std::shared_ptr<const PlanShape> Shapes::find_unordered(const FilterSet& present, const Choice& choice,
                                                        const std::optional<Bucket>& bucket) const {
  ShapeKey key = key_of(present, choice, bucket);
  // No other key ends so: those of buckets end with a semicolon, and those of choices have their length.
  key.choices += "unordered";
  if (auto shape = cache_.find(key)) return shape;
  return cache_.add(std::move(key), without_order(*find(present, choice, bucket)));
}

std::shared_ptr<const PlanShape> Shapes::find_totals(const FilterSet& present,
                                                     const std::optional<Bucket>& bucket) const {
  ShapeKey key{present, "totals"};
  append_bucket(key.choices, bucket);
  if (auto shape = cache_.find(key)) return shape;
  auto shape = make(totals_shape(endpoint_, dataset_), present, bucket);
  return cache_.add(std::move(key), std::move(shape));
}

}  // namespace offloader::query
