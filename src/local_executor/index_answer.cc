#include "index_answer.h"

#include "local_snapshot.h"
#include "offloader/index/execute.h"

namespace offloader::local_executor {

std::optional<executor::Outcome> answer_by_index(const query::Plan& plan, const executor::Snapshot& snapshot,
                                                 const CancelFlag* cancel, index::Cost cost,
                                                 const index::Thresholds& thresholds, rows::Writer& writer) {
  const auto& open = static_cast<const OpenSnapshot&>(snapshot);
  const std::shared_ptr<const index::Reader> index = open.index().reader();
  if (!index) return std::nullopt;
  const auto broken = [&] {
    if (!index->broken()) return false;
    open.index_broken(index.get());
    return true;
  };
  if (broken()) return std::nullopt;
  const index::Lookup lookup = look_up(plan, *index, thresholds);
  if (!lookup.supported || lookup.cost != cost) return std::nullopt;
  const auto start = std::chrono::steady_clock::now();
  auto written = execute(plan, *index, lookup, writer, cancel);
  if (broken()) return std::nullopt;  // the output is invalid; DuckDB can answer
  if (!written && written.error().code == ErrorCode::too_large) return std::nullopt;
  if (!written) return tl::unexpected(executor::Failure(std::move(written.error()), "index"));
  return executor::Answered{.row_count = written->rows,
                            .has_more = written->has_more,
                            .by = "index",
                            .duration = std::chrono::steady_clock::now() - start};
}

}  // namespace offloader::local_executor
