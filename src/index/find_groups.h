#pragma once

#include "groups.h"
#include "offloader/base/cancel.h"
#include "offloader/index/execute.h"

namespace offloader::index {

struct FoundGroups {
  Found found = Found::complete;
  bool ordered = false;                   // the groups are in the order that the plan asks for
  const RunDirectory* by_runs = nullptr;  // each group consists of runs of this directory
};

// Finds the plan's groups, computes their aggregates, and adds the buckets without rows. Finds at least the
// first `wanted` ones, or all if the order cannot be had without all. Without group columns there is one
// group, even of no rows. Sets `groups.keys` to the plan's order. Requires: resolve_groups() was called.
[[nodiscard]] FoundGroups find_groups(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                                      std::uint64_t wanted, const CancelFlag* cancel, const Limits& limits,
                                      Groups& groups);

}  // namespace offloader::index
