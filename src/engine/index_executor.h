#pragma once

#include "index_lookup.h"
#include "index_reader.h"
#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/engine/engine.h"
#include "offloader/query/plan.h"
#include "offloader/rows/writer.h"

namespace offloader::engine {

// What an execution keeps in memory at most; past it `too_large`, and DuckDB, which can spill, is to answer.
struct IndexLimits {
  std::size_t candidates = 8U << 20;  // rows held for ordering
  std::size_t groups = 4U << 20;
};

// Runs a supported lookup of this plan in this reader (query-semantics.md), on the calling thread, into
// `writer`. The same bytes as DuckDB gives, but for the last digits of floating sums. Errors: the writer's,
// cancelled, too_large, internal (a lookup that is not supported, a tenant-scoped plan without its tenant).
// `cancel` may be null and is looked at once per block.
[[nodiscard]] Result<Answered> execute(const query::Plan& plan, const IndexReader& reader,
                                       const IndexLookup& lookup, rows::Writer& writer,
                                       const CancelFlag* cancel = nullptr, const IndexLimits& limits = {});

// The two kinds of plan, for `execute` alone.
[[nodiscard]] Result<Answered> execute_page(const query::Plan& plan, const IndexReader& reader,
                                            const IndexLookup& lookup, rows::Writer& writer,
                                            const CancelFlag* cancel, const IndexLimits& limits);
[[nodiscard]] Result<Answered> execute_groups(const query::Plan& plan, const IndexReader& reader,
                                              const IndexLookup& lookup, rows::Writer& writer,
                                              const CancelFlag* cancel, const IndexLimits& limits);

}  // namespace offloader::engine
