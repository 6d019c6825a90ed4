#pragma once

#include <vector>

#include "bucket_choice.h"
#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"

// Aggregates and conditions on groups, as a contract declares them and as plans have them. Pure.
namespace offloader::query {

// Returns what belongs to a select's aggregate. A date that is compared with the zoned column means the day
// there.
[[nodiscard]] Measure measure_of(const catalog::Measure& measure, const catalog::Dataset& dataset,
                                 const ZonedColumn& zoned);

// Returns the conditions on groups as filters that become one test each, and of which one that no value meets
// leaves the others alone. Their `column` is an index into select.
[[nodiscard]] std::vector<catalog::Filter> group_filters(const catalog::Endpoint& endpoint);

}  // namespace offloader::query
