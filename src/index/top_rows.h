#pragma once

#include <cstdint>
#include <vector>

#include "groups.h"
#include "offloader/base/cancel.h"

namespace offloader::index {

// Collects the first rows of each group of rows alike in the top's columns, in any order, of a plan without
// grouping. Returns `too_many` if it would have to hold more than `most`. Requires: the shape has a top.
[[nodiscard]] Found find_top_rows(const query::PlanShape& shape, const Reader& reader, const Lookup& lookup,
                                  const CancelFlag* cancel, std::size_t most,
                                  std::vector<std::uint32_t>& rows);

}  // namespace offloader::index
