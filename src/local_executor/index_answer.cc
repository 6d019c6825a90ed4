#include "index_answer.h"

#include "local_snapshot.h"
#include "offloader/index/count.h"
#include "offloader/index/execute.h"

namespace offloader::local_executor {
namespace {

// Calls `run(index, lookup)`, which returns a Result, with what `look_up` found, unless the index cannot
// answer or `cost_of(lookup)` is more than `cost`.
template <typename T, typename LookUp, typename CostOf, typename Run>
std::optional<tl::expected<T, executor::Failure>> in_index(const query::Plan& plan,
                                                           const executor::Snapshot& snapshot,
                                                           index::Cost cost,
                                                           const index::Thresholds& thresholds,
                                                           LookUp look_up, CostOf cost_of, Run run) {
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
  if (!lookup.supported || cost_of(lookup) > cost) return std::nullopt;
  Result<T> result = run(*index, lookup);
  if (broken()) return std::nullopt;  // the output is invalid; DuckDB can answer
  if (!result && result.error().code == ErrorCode::too_large) return std::nullopt;
  if (!result) return tl::unexpected(executor::Failure(std::move(result.error()), "index"));
  return std::move(*result);
}

}  // namespace

std::optional<executor::Outcome> answer_by_index(const query::Plan& plan, const executor::Snapshot& snapshot,
                                                 const CancelFlag* cancel, index::Cost cost,
                                                 const index::Thresholds& thresholds, rows::Writer& writer) {
  return in_index<executor::Answered>(
      plan, snapshot, cost, thresholds, index::look_up_page,
      [](const index::Lookup& lookup) { return lookup.cost; },
      [&](const index::Reader& index, const index::Lookup& lookup) -> Result<executor::Answered> {
        const auto start = std::chrono::steady_clock::now();
        const auto written = execute(plan, index, lookup, writer, cancel);
        if (!written) return fail(written.error());
        return executor::Answered{.row_count = written->rows,
                                  .has_more = written->has_more,
                                  .by = "index",
                                  .duration = std::chrono::steady_clock::now() - start,
                                  .end = written->end};
      });
}

std::optional<tl::expected<std::int64_t, executor::Failure>> count_by_index(
    const query::Plan& plan, const executor::Snapshot& snapshot, const CancelFlag* cancel, index::Cost cost,
    const index::Thresholds& thresholds) {
  return in_index<std::int64_t>(
      plan, snapshot, cost, thresholds, index::look_up,
      [&](const index::Lookup& lookup) { return count_cost(plan, lookup); },
      [&](const index::Reader& index, const index::Lookup& lookup) {
        return count_rows(plan, index, lookup, cancel);
      });
}

std::optional<executor::Outcome> answer_whole_by_index(const query::Plan& plan,
                                                       const executor::Snapshot& snapshot,
                                                       const CancelFlag* cancel, index::Cost cost,
                                                       const index::Thresholds& thresholds,
                                                       rows::Writer& writer) {
  auto answered = answer_by_index(plan, snapshot, cancel, cost, thresholds, writer);
  if (!answered || !*answered) return answered;
  const auto start = std::chrono::steady_clock::now();
  if (plan.total_rows) {
    auto rows = count_by_index(plan, snapshot, cancel, cost, thresholds);
    if (!rows) return std::nullopt;
    if (!*rows) return tl::unexpected(std::move(rows->error()));
    (*answered)->total_rows = **rows;
  }
  if (plan.totals) {
    auto total = answer_by_index(plan_of_totals(plan), snapshot, cancel, cost, thresholds, writer.totals());
    if (!total || !*total) return total;
  }
  if (plan.total_rows || plan.totals) (*answered)->duration += std::chrono::steady_clock::now() - start;
  return answered;
}

}  // namespace offloader::local_executor
