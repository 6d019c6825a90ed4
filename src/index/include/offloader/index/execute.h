#pragma once

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/index/lookup.h"
#include "offloader/index/reader.h"
#include "offloader/query/plan.h"
#include "offloader/rows/writer.h"

namespace offloader::index {

// What one execution may hold in memory. Beyond it execute() fails with `too_large`, and the caller should
// ask DuckDB, which can spill to disk.
struct Limits {
  std::size_t candidates = 8U << 20;  // rows held for ordering
  std::size_t groups = 4U << 20;      // groups being aggregated
};

// Runs the plan on the calling thread and writes its rows into `writer` (query-semantics.md). Any thread.
// The output is the same bytes as DuckDB's, except for the last digits of floating sums. `cancel` may be null
// and is checked about once per block of rows.
// Requires: `lookup` is supported and is look_up() or look_up_page() of this plan in this
// reader.
// Errors: the writer's; `cancelled`; `too_large` beyond `limits`; `internal` for an unsupported lookup or a
// tenant-scoped plan without its tenant condition.
[[nodiscard]] Result<rows::Written> execute(const query::Plan& plan, const Reader& reader,
                                            const Lookup& lookup, rows::Writer& writer,
                                            const CancelFlag* cancel = nullptr, const Limits& limits = {});

}  // namespace offloader::index
