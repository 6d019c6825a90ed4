#pragma once

#include <optional>
#include <span>
#include <string>

#include "filter_conditions.h"
#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"
#include "problems.h"
#include "sent_values.h"

// The bucket of a request, and what its filters leave for `fill`. Pure.
namespace offloader::query {

// Returns the position of the endpoint's bucketed select, or nullopt.
[[nodiscard]] std::optional<std::size_t> bucketed_select(const catalog::Endpoint& endpoint);

// Returns the bucket with the grain and the zone of these texts, which are null if the contract has constants
// or the request does not choose.
[[nodiscard]] Bucket resolve_bucket(const catalog::Bucket& bucket, const std::string* grain,
                                    const std::string* zone);

// Returns the bucket that a request has unless it chooses; nullopt if the endpoint has none.
[[nodiscard]] std::optional<Bucket> standard_bucket(const catalog::Endpoint& endpoint);

// A column whose days are those of a time zone other than UTC; without a column there is none.
struct ZonedColumn {
  std::optional<std::size_t> column{};  // index into the dataset's schema
  std::string zone{};
};

// Returns the bucketed column and its zone. `bucket` is the request's, if the endpoint has one.
[[nodiscard]] ZonedColumn zoned_column(const catalog::Endpoint& endpoint,
                                       const std::optional<Bucket>& bucket);

// Appends what a caller may choose of a bucket: the part of ShapeKey::choices. Appends nothing if the
// contract leaves no choice.
void append_choice(std::string& out, const catalog::Bucket& declared, const Bucket& chosen);

// Collects the bounds of a plan's axis from the filters on the bucketed column.
class AxisCollector {
 public:
  // Takes the bounds that a filter of the top level sets. `values` are those of its tests.
  // Requires: it matches some row.
  void add(const FilterTests& tests, std::span<const Value> values, std::size_t filter);

  [[nodiscard]] const AxisBounds& bounds() const { return bounds_; }
  // Adds a problem if there are more buckets than an answer may have, with the param of a bound.
  void check(const catalog::Endpoint& endpoint, const Bucket& bucket, Problems& problems) const;

 private:
  void add(Comparison comparison, const Value& value, std::size_t filter);

  AxisBounds bounds_;
  std::optional<std::size_t> begin_;  // the last filters that set them
  std::optional<std::size_t> end_;
};

}  // namespace offloader::query
