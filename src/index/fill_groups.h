#pragma once

#include "groups.h"
#include "offloader/query/bucket.h"

namespace offloader::index {

// Adds groups for the buckets between the bounds that no row is in. Requires: the groups are complete, and
// are the buckets of the bucketed column. Returns `too_many` beyond query::kMostBuckets.
[[nodiscard]] Found add_buckets(const query::AxisBounds& bounds, Groups& groups);

// Whether an aggregate of this kind is 0 in groups that were added; else it is null.
[[nodiscard]] bool is_zero_filled(const Groups& groups, catalog::Aggregate kind);

}  // namespace offloader::index
