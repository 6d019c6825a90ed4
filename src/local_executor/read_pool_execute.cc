// How a pool thread answers a query, part by part.
#include <algorithm>

#include "index_answer.h"
#include "offloader/duckdb/error.h"
#include "offloader/rows/slices.h"
#include "read_pool.h"

namespace offloader::local_executor {
namespace {

constexpr std::size_t kStatementsPerConnection = 128;
// Bytes of texts. With its form in JSON, and compressed, a stream holds a few times as much.
constexpr std::size_t kMostAtOnce = 1U << 20;

const OpenSnapshot& opened(const executor::Query& job) {
  return static_cast<const OpenSnapshot&>(*job.snapshot);
}

}  // namespace

// The writer of a stream: it takes no more at once than a stream may hold, and stops the query's clock while
// it sends.
class ReadPool::PacedWriter final : public rows::Writer {
 public:
  PacedWriter(ReadPool& pool, Worker& worker, const executor::Query& job)
      : pool_(pool), worker_(worker), to_(*job.writer), index_(opened(job).index().reader()) {}

  bool may_block() const override { return to_.may_block(); }
  Result<void> begin(const rows::Columns& columns) override { return to_.begin(columns); }
  Result<void> write(const rows::Batch& batch) override {
    return rows::for_each_slice(batch, kMostAtOnce,
                                [this](const rows::Batch& slice, bool last) -> Result<void> {
                                  if (auto written = to_.write(slice); last || !written) return written;
                                  // Only the executor of the batch knows whether all of it is good, except
                                  // for what the index has read.
                                  if (index_ && index_->broken()) return fail(index::Reader::broken_error());
                                  return flush();
                                });
  }
  Result<void> flush() override {
    return paced([this] { return to_.flush(); });
  }
  // A format that needs all rows first may still have much to do.
  Result<void> finish() override {
    return paced([this] { return to_.finish(); });
  }
  rows::Page take() override { return to_.take(); }

 private:
  template <typename Call>
  Result<void> paced(Call call) {
    pool_.pace(worker_, true);
    auto done = call();
    pool_.pace(worker_, false);
    return done;
  }

  ReadPool& pool_;
  Worker& worker_;
  rows::Writer& to_;
  const std::shared_ptr<const index::Reader> index_;
};

executor::Outcome ReadPool::execute(Worker& worker, const executor::Query& job) {
  if (job.stream) {
    PacedWriter writer(*this, worker, job);
    auto answered = execute_page(worker, job, job.plan, writer);
    if (!answered) return answered;
    if (auto flushed = writer.flush(); !flushed)
      return tl::unexpected(executor::Failure(std::move(flushed.error()), answered->by));
    return answered;
  }
  auto answered = execute_page(worker, job, job.plan, *job.writer);
  if (!answered) return answered;
  if (job.plan.total_rows) {
    auto rows = execute_count(worker, job);
    if (!rows) return tl::unexpected(std::move(rows.error()));
    answered->total_rows = *rows;
  }
  if (job.plan.totals) {
    auto total = execute_page(worker, job, plan_of_totals(job.plan), job.writer->totals());
    if (!total) return total;
  }
  return answered;
}

executor::Outcome ReadPool::execute_page(Worker& worker, const executor::Query& job, const query::Plan& plan,
                                         rows::Writer& writer) {
  if (auto rows = answer_by_index(plan, *job.snapshot, job.cancel.get(), index::Cost::pool,
                                  index::Thresholds::for_threads(options_.threads), writer))
    return std::move(*rows);
  auto answered = in_duckdb<executor::Answered>(
      worker, job, [&](InstanceConnection& instance) -> Result<executor::Answered> {
        const auto statement = prepared(worker, instance, job, plan, duckdb::Part::page);
        if (!statement) return fail(statement.error());
        return (*statement)->run(plan, opened(job).types(), writer);
      });
  if (!answered) return answered;
  if (auto finished = writer.finish(); !finished)
    return tl::unexpected(executor::Failure(std::move(finished.error()), "duckdb"));
  return answered;
}

tl::expected<std::int64_t, executor::Failure> ReadPool::execute_count(Worker& worker,
                                                                      const executor::Query& job) {
  if (auto rows = count_by_index(job.plan, *job.snapshot, job.cancel.get(), index::Cost::pool,
                                 index::Thresholds::for_threads(options_.threads)))
    return std::move(*rows);
  return in_duckdb<std::int64_t>(worker, job, [&](InstanceConnection& instance) -> Result<std::int64_t> {
    const auto statement = prepared(worker, instance, job, job.plan, duckdb::Part::row_count);
    if (!statement) return fail(statement.error());
    return (*statement)->count(job.plan, opened(job).types());
  });
}

tl::expected<ReadPool::InstanceConnection*, executor::Failure> ReadPool::connection_of(
    Worker& worker, const executor::Query& job) {
  const auto& snapshot = opened(job);
  const std::uint64_t instance = snapshot.remote() ? snapshot.id() : kServing;
  const auto found = worker.connections.find(instance);
  if (found != worker.connections.end()) return &found->second;
  auto database = snapshot.database();
  {
    const MutexLock lock(mutex_);
    worker.holds.insert(instance);
    if (!snapshot.remote()) database = serving_;
  }
  if (!database) return fail(ErrorCode::busy, "The server is busy.", "the serving instance is being rebuilt");
  auto connection = duckdb::Connection::open(std::move(database));
  if (!connection) return fail(std::move(connection.error()));
  return &worker.connections.emplace(instance, InstanceConnection{std::move(*connection), {}}).first->second;
}

template <typename T, typename Run>
tl::expected<T, executor::Failure> ReadPool::in_duckdb(Worker& worker, const executor::Query& job, Run run) {
  const auto instance = connection_of(worker, job);
  if (!instance) return tl::unexpected(instance.error());
  const auto failed = [](Error error) {
    return tl::unexpected(executor::Failure(std::move(error), "duckdb"));
  };
  {
    const MutexLock lock(mutex_);
    if (worker.stop_reason != ErrorCode::internal) return failed(stopped_error(worker.stop_reason));
    worker.running = &(*instance)->connection;
  }
  Result<T> result = run(**instance);
  if (!result) {
    if (!opened(job).remote() && duckdb::is_fatal(result.error()) && on_fatal_) on_fatal_();
    return failed(std::move(result.error()));
  }
  const MutexLock lock(mutex_);
  worker.running = nullptr;
  if (worker.stop_reason != ErrorCode::internal) return failed(stopped_error(worker.stop_reason));
  return std::move(*result);
}

Result<const duckdb::PlanStatement*> ReadPool::prepared(Worker& worker, InstanceConnection& instance,
                                                        const executor::Query& job, const query::Plan& plan,
                                                        duckdb::Part part) {
  auto& cache = instance.statements;
  const auto& snapshot = opened(job);
  const bool never = duckdb::matches_nothing(plan, snapshot.types());
  const duckdb::SeekForm seek =
      part == duckdb::Part::page ? duckdb::seek_form(plan, snapshot.types()) : duckdb::SeekForm{};
  const auto cached = std::ranges::find_if(cache, [&](const CachedStatement& entry) {
    return entry.shape == plan.shape->id && entry.snapshot == snapshot.id() && entry.never == never &&
           entry.part == part && entry.seek == seek;
  });
  if (cached != cache.end()) {
    cache.splice(cache.begin(), cache, cached);
    return &cache.front().statement;
  }
  {
    const MutexLock lock(mutex_);
    worker.holds.insert(snapshot.id());
  }
  auto statement = duckdb::PlanStatement::prepare(instance.connection, *plan.shape, never, snapshot.source(),
                                                  snapshot.types(), part, seek);
  if (!statement) return fail(std::move(statement.error()));
  cache.push_front({snapshot.id(), plan.shape->id, never, part, seek, std::move(*statement)});
  if (cache.size() > kStatementsPerConnection) cache.pop_back();
  return &cache.front().statement;
}

}  // namespace offloader::local_executor
