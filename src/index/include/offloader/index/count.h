#pragma once

#include "offloader/index/execute.h"

namespace offloader::index {

// What it costs to count the plan's rows: without predicates and grouping, a subtraction.
[[nodiscard]] Cost count_cost(const query::Plan& plan, const Lookup& lookup);

// Returns the number of rows of the plan's whole answer, all pages. Any thread. `cancel` may be null.
// Requires and errors: those of execute().
[[nodiscard]] Result<std::int64_t> count_rows(const query::Plan& plan, const Reader& reader,
                                              const Lookup& lookup, const CancelFlag* cancel = nullptr,
                                              const Limits& limits = {});

}  // namespace offloader::index
