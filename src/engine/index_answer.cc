#include "index_answer.h"

#include "index_executor.h"
#include "local_snapshot.h"

namespace offloader::engine {

std::optional<Result<Answered>> answer_by_index(const query::Plan& plan, const Snapshot& snapshot,
                                                const CancelFlag* cancel, IndexCost cost,
                                                const IndexThresholds& thresholds, rows::Writer& writer) {
  const auto& open = static_cast<const OpenSnapshot&>(snapshot);
  const std::shared_ptr<const IndexReader> index = open.index().reader();
  if (!index) return std::nullopt;
  const auto broken = [&] {
    if (!index->broken()) return false;
    open.index_broken(index.get());
    return true;
  };
  if (broken()) return std::nullopt;
  const IndexLookup lookup = look_up(plan, *index, thresholds);
  if (!lookup.supported || lookup.cost != cost) return std::nullopt;
  auto rows = execute(plan, *index, lookup, writer, cancel);
  if (broken()) return std::nullopt;  // DuckDB has the rows, too
  if (!rows && rows.error().code == ErrorCode::too_large) return std::nullopt;
  return rows;
}

}  // namespace offloader::engine
