#pragma once

#include "index_lookup.h"
#include "index_reader.h"
#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/engine/engine.h"
#include "offloader/query/plan.h"

namespace offloader::engine {

// What an execution keeps in memory at most; past it `too_large`, and DuckDB, which can spill, is to answer.
// A page that does not fit into `memory` is `no_memory`, whoever makes it.
struct IndexLimits {
  std::size_t candidates = 8U << 20;  // rows held for ordering
  std::size_t groups = 4U << 20;
  ByteBudget* memory = nullptr;  // what large pages are counted in; null: unbounded
};

struct IndexEstimate {
  bool supported = false;
  std::uint64_t rows = 0;
  IndexCost cost = IndexCost::duckdb;
};

[[nodiscard]] IndexEstimate estimate(const query::Plan& plan, const IndexReader& reader);

// Runs a supported lookup of this plan in this reader (query-semantics.md), on the calling thread. The same
// bytes as DuckDB gives, but for the last digits of floating sums. Errors: cancelled, too_large, internal (a
// lookup that is not supported, a tenant-scoped plan without its tenant). `cancel` may be null and is looked
// at once per block.
[[nodiscard]] Result<Rows> execute(const query::Plan& plan, const IndexReader& reader,
                                   const IndexLookup& lookup, const CancelFlag* cancel = nullptr,
                                   const IndexLimits& limits = {});

[[nodiscard]] Result<Rows> execute(const query::Plan& plan, const IndexReader& reader,
                                   const CancelFlag* cancel = nullptr, const IndexLimits& limits = {});

// The two kinds of plan, for `execute` alone.
[[nodiscard]] Result<Rows> execute_page(const query::Plan& plan, const IndexReader& reader,
                                        const IndexLookup& lookup, const CancelFlag* cancel,
                                        const IndexLimits& limits);
[[nodiscard]] Result<Rows> execute_groups(const query::Plan& plan, const IndexReader& reader,
                                          const IndexLookup& lookup, const CancelFlag* cancel,
                                          const IndexLimits& limits);

}  // namespace offloader::engine
