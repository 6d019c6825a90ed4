#pragma once

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/index/lookup.h"
#include "offloader/index/reader.h"
#include "offloader/query/plan.h"
#include "offloader/rows/writer.h"

namespace offloader::index {

// What an execution keeps in memory at most; past it `too_large`, and DuckDB, which can spill, is to answer.
struct Limits {
  std::size_t candidates = 8U << 20;  // rows held for ordering
  std::size_t groups = 4U << 20;
};

// Runs a supported lookup of this plan in this reader (query-semantics.md), on the calling thread, into
// `writer`. The same bytes as DuckDB gives, but for the last digits of floating sums. Errors: the writer's,
// cancelled, too_large, internal (a lookup that is not supported, a tenant-scoped plan without its tenant).
// `cancel` may be null and is looked at once per block.
[[nodiscard]] Result<rows::Written> execute(const query::Plan& plan, const Reader& reader,
                                            const Lookup& lookup, rows::Writer& writer,
                                            const CancelFlag* cancel = nullptr, const Limits& limits = {});

}  // namespace offloader::index
