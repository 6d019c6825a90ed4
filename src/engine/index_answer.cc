#include "index_answer.h"

#include <chrono>

#include "index_executor.h"
#include "local_snapshot.h"

namespace offloader::engine {

std::optional<Result<Rows>> answer_by_index(const QueryJob& job, IndexCost cost,
                                            const IndexThresholds& thresholds) {
  const auto& snapshot = static_cast<const OpenSnapshot&>(*job.snapshot);
  const IndexReader* const index = snapshot.index();
  if (index == nullptr || index->broken()) return std::nullopt;
  const IndexLookup lookup = look_up(job.plan, *index, thresholds);
  if (!lookup.supported || lookup.cost != cost) return std::nullopt;
  const auto begin = std::chrono::steady_clock::now();
  auto rows = execute(job.plan, *index, lookup, job.cancel.get());
  if (index->broken()) return std::nullopt;  // DuckDB has the rows, too
  if (!rows && rows.error().code == ErrorCode::too_large) return std::nullopt;
  if (rows) {
    rows->executor = Executor::index;
    rows->duration = std::chrono::steady_clock::now() - begin;
  }
  return rows;
}

}  // namespace offloader::engine
