#pragma once

#include "offloader/index/execute.h"

// The implementations of execute() for plans without and with grouping, and what they share with
// count_rows(). Only execute() calls them, after it has checked the plan. Errors: the writer's, `cancelled`,
// `too_large`.
namespace offloader::index {

// Fails with `internal` if the plan must not run.
[[nodiscard]] Result<void> check_plan(const query::Plan& plan, const Lookup& lookup);

[[nodiscard]] Result<rows::Written> execute_page(const query::Plan& plan, const Reader& reader,
                                                 const Lookup& lookup, rows::Writer& writer,
                                                 const CancelFlag* cancel, const Limits& limits);
[[nodiscard]] Result<rows::Written> execute_groups(const query::Plan& plan, const Reader& reader,
                                                   const Lookup& lookup, rows::Writer& writer,
                                                   const CancelFlag* cancel, const Limits& limits);

}  // namespace offloader::index
