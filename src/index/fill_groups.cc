#include "fill_groups.h"

#include <algorithm>

namespace offloader::index {

Found add_buckets(const query::AxisBounds& bounds, Groups& groups) {
  const BucketCut& cut = *groups.cut;
  std::vector<std::int64_t> present;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (const auto number = groups.number_of(group)) present.push_back(*number);
  }
  query::AxisEnds ends = ends_of(bounds, cut.bucket(), cut.offset());
  std::sort(present.begin(), present.end());
  if (!present.empty()) {
    ends.first = ends.first.value_or(present.front());
    ends.last = ends.last.value_or(present.back());
  }
  std::vector<std::optional<std::int64_t>> numbers;
  for (std::size_t group = 0; group < groups.size(); ++group) numbers.push_back(groups.number_of(group));
  groups.first_added = groups.size();
  if (ends.first && ends.last && *ends.first <= *ends.last) {
    if (*ends.last - *ends.first >= query::kMostBuckets) return Found::too_many;
    auto next = present.begin();
    for (std::int64_t number = *ends.first; number <= *ends.last; ++number) {
      while (next != present.end() && *next < number) ++next;
      if (next != present.end() && *next == number) continue;
      numbers.emplace_back(number);
      groups.add(0);
    }
  }
  groups.bucket_numbers = std::move(numbers);
  return Found::complete;
}

bool is_zero_filled(const Groups& groups, catalog::Aggregate kind) {
  if (!groups.cut || groups.cut->bucket().fill != catalog::Fill::zero) return false;
  return catalog::row_of(kind).zero_if_added;
}

}  // namespace offloader::index
