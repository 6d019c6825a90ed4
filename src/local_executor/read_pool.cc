#include "read_pool.h"

#include <algorithm>

#include "index_answer.h"
#include "offloader/duckdb/error.h"

namespace offloader::local_executor {
namespace {

constexpr std::size_t kStatementsPerConnection = 128;
constexpr std::size_t kPlacesPerConnection = 8;  // in the queue
// DuckDB loses an interrupt that arrives before the query starts, so repeat it until the query has ended.
constexpr std::chrono::milliseconds kRepeatInterrupt{10};

Error stopped_error(ErrorCode reason) {
  if (reason == ErrorCode::timeout) return {reason, "The query took too long.", {}};
  return {ErrorCode::cancelled, "The request was cancelled.", {}};
}

const OpenSnapshot& opened(const executor::Query& job) {
  return static_cast<const OpenSnapshot&>(*job.snapshot);
}

}  // namespace

ReadPool::ReadPool(const Options& options, std::function<void()> on_fatal)
    : options_(options),
      on_fatal_(std::move(on_fatal)),
      queue_(kPlacesPerConnection * std::max<std::size_t>(options_.pool_size, 1),
             kPlacesPerConnection *
                 std::max<std::size_t>(
                     std::min(options_.remote_cap, std::max<std::size_t>(options_.pool_size, 1)), 1)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(options_.pool_size, 1); ++i) workers_.emplace_back();
}

Result<void> ReadPool::start(EscapeReport report) {
  report_ = std::move(report);
  const auto options = [&](const char* name) {
    return Thread::Options{.name = name, .report = report_, .after = Thread::AfterEscape::restart};
  };
  for (auto& worker : workers_) {
    if (auto started = worker.thread.start(options("read-pool"), [this, &worker] { work(worker); }); !started)
      return started;
  }
  return watcher_.start(options("read-deadlines"), [this] { watch(); });
}

ReadPool::~ReadPool() {
  stop();
}

void ReadPool::submit(executor::Query job, executor::AnsweredCallback callback) {
  if (!job.cancel) job.cancel = std::make_shared<CancelFlag>();
  const auto flag = job.cancel;
  bool accepted = false;
  std::optional<Waiting> displaced;
  const auto ticket = next_ticket_.fetch_add(1);
  // Set before the job is queued, so that the end of the job can clear it. If the flag is raised in between,
  // work() sees it when it takes the job.
  flag->on_cancel([this, ticket] { cancel(ticket); });
  {
    const MutexLock lock(mutex_);
    if (!stopping_ && queue_.make_place(job.fairness_class, job.snapshot->remote(), displaced)) {
      accepted = true;
      queue_.push({ticket, std::move(job), std::move(callback), Clock::now() + options_.pool_wait});
    }
  }
  if (!accepted) {
    flag->on_cancel({});
    callback(fail(ErrorCode::busy, "The server is busy."));
    return;
  }
  if (displaced) {
    displaced->job.cancel->on_cancel({});
    displaced->callback(fail(ErrorCode::busy, "The server is busy."));
  }
  work_ready_.notify_one();
  watch_ready_.notify_one();
}

void ReadPool::cancel(std::uint64_t ticket) {
  std::optional<Waiting> found;
  {
    const MutexLock lock(mutex_);
    for (auto& worker : workers_) {
      if (worker.busy && worker.ticket == ticket) {
        worker.stop_reason = ErrorCode::cancelled;
        if (worker.running != nullptr) worker.running->interrupt();
        watch_ready_.notify_one();
        return;
      }
    }
    found = queue_.remove(ticket);
  }
  if (found) found->callback(fail(stopped_error(ErrorCode::cancelled)));
}

void ReadPool::work(Worker& worker) {
  MutexLock lock(mutex_);
  while (true) {
    std::optional<Waiting> taken;
    work_ready_.wait(mutex_, [&]() OFFLOADER_REQUIRES(mutex_) {
      return stopping_ || !worker.forget.empty() ||
             (taken = queue_.take(remote_busy_ < options_.remote_cap)).has_value();
    });
    if (stopping_ && !taken) return;
    if (!taken) {
      const auto gone = std::exchange(worker.forget, {});
      const auto mark = forget_mark_;
      lock.unlock();
      for (const auto id : gone) {
        worker.connections.erase(id);
        if (auto serving = worker.connections.find(kServing); serving != worker.connections.end()) {
          serving->second.statements.remove_if(
              [&](const CachedStatement& cached) { return cached.snapshot == id; });
        }
      }
      lock.lock();
      for (const auto id : gone) worker.holds.erase(id);
      worker.forgotten = mark;
      forgotten_.notify_all();
      continue;
    }
    Waiting& next = *taken;
    const bool remote = next.job.snapshot->remote();
    worker.busy = true;
    worker.ticket = next.ticket;
    worker.stop_reason = next.job.cancel->cancelled() ? ErrorCode::cancelled : ErrorCode::internal;
    const auto begin = Clock::now();
    worker.deadline = begin + options_.query_timeout;
    ++busy_;
    if (remote) ++remote_busy_;
    watch_ready_.notify_one();
    lock.unlock();

    auto rows = execute_guarded(worker, next.job);

    lock.lock();
    const auto reason = worker.stop_reason;
    worker.busy = false;
    worker.running = nullptr;
    --busy_;
    if (remote) --remote_busy_;
    lock.unlock();
    if (remote) work_ready_.notify_all();
    if (!rows && rows.error().code == ErrorCode::cancelled)
      rows = tl::unexpected(executor::Failure(stopped_error(reason), rows.error().by));
    if (rows) rows->duration = Clock::now() - begin;
    next.job.cancel->on_cancel({});
    answer(next.callback, std::move(rows));
    // Releasing the last reference to a snapshot detaches it, so do it without the lock.
    taken.reset();
    lock.lock();
  }
}

void ReadPool::watch() {
  MutexLock lock(mutex_);
  while (!stopping_ || busy_ > 0) {
    const auto now = Clock::now();
    auto next = now + std::chrono::hours(1);
    for (auto& worker : workers_) {
      if (!worker.busy) continue;
      if (worker.stop_reason == ErrorCode::internal && now >= worker.deadline)
        worker.stop_reason = ErrorCode::timeout;
      if (worker.stop_reason != ErrorCode::internal) {
        if (worker.running != nullptr) worker.running->interrupt();
        next = std::min(next, now + kRepeatInterrupt);
      } else {
        next = std::min(next, worker.deadline);
      }
    }
    std::vector<Waiting> late = queue_.take_late(now, next);
    if (late.empty()) {
      watch_ready_.wait_until(mutex_, next);
      continue;
    }
    lock.unlock();
    for (auto& job : late) {
      job.job.cancel->on_cancel({});
      answer(job.callback, fail(ErrorCode::busy, "The server is busy."));
    }
    late.clear();
    lock.lock();
  }
}

executor::Outcome ReadPool::execute_guarded(Worker& worker, const executor::Query& job) {
  try {
    return execute(worker, job);
  } catch (...) {
    Error error = error_in_flight();
    if (report_) report_(error.detail);
    return fail(std::move(error));
  }
}

// If the callback throws, it has not answered; the objects that it owns answer when they are destroyed.
void ReadPool::answer(const executor::AnsweredCallback& callback, executor::Outcome rows) const {
  run_guarded(report_, [&] { callback(std::move(rows)); });
}

executor::Outcome ReadPool::execute(Worker& worker, const executor::Query& job) {
  if (auto rows = answer_by_index(job.plan, *job.snapshot, job.cancel.get(), index::Cost::pool,
                                  index::Thresholds::for_threads(options_.threads), *job.writer))
    return std::move(*rows);
  const auto& snapshot = opened(job);
  const std::uint64_t instance = snapshot.remote() ? snapshot.id() : kServing;
  auto found = worker.connections.find(instance);
  if (found == worker.connections.end()) {
    auto database = snapshot.database();
    {
      const MutexLock lock(mutex_);
      worker.holds.insert(instance);
      if (!snapshot.remote()) database = serving_;
    }
    if (!database)
      return fail(ErrorCode::busy, "The server is busy.", "the serving instance is being rebuilt");
    auto connection = duckdb::Connection::open(std::move(database));
    if (!connection) return fail(std::move(connection.error()));
    found = worker.connections.emplace(instance, InstanceConnection{std::move(*connection), {}}).first;
  }
  auto rows = execute_on(worker, job, found->second);
  if (!rows) rows.error().by = "duckdb";
  if (!rows && !snapshot.remote() && duckdb::is_fatal(rows.error()) && on_fatal_) on_fatal_();
  return rows;
}

Result<const duckdb::PlanStatement*> ReadPool::prepared(Worker& worker, InstanceConnection& instance,
                                                        const executor::Query& job, bool never) {
  auto& cache = instance.statements;
  const auto& snapshot = opened(job);
  const auto cached = std::ranges::find_if(cache, [&](const CachedStatement& entry) {
    return entry.shape == job.plan.shape->id && entry.snapshot == snapshot.id() && entry.never == never;
  });
  if (cached != cache.end()) {
    cache.splice(cache.begin(), cache, cached);
    return &cache.front().statement;
  }
  {
    const MutexLock lock(mutex_);
    worker.holds.insert(snapshot.id());
  }
  auto statement = duckdb::PlanStatement::prepare(instance.connection, *job.plan.shape, never,
                                                  snapshot.source(), snapshot.types());
  if (!statement) return fail(std::move(statement.error()));
  cache.push_front({snapshot.id(), job.plan.shape->id, never, std::move(*statement)});
  if (cache.size() > kStatementsPerConnection) cache.pop_back();
  return &cache.front().statement;
}

executor::Outcome ReadPool::execute_on(Worker& worker, const executor::Query& job,
                                       InstanceConnection& instance) {
  {
    const MutexLock lock(mutex_);
    if (worker.stop_reason != ErrorCode::internal) return fail(stopped_error(worker.stop_reason));
    worker.running = &instance.connection;
  }
  const auto& types = opened(job).types();
  const bool never = duckdb::matches_nothing(job.plan, types);
  const auto statement = prepared(worker, instance, job, never);
  if (!statement) return fail(statement.error());
  auto answered = (*statement)->run(job.plan, types, *job.writer);
  if (!answered) return fail(std::move(answered.error()));
  {
    const MutexLock lock(mutex_);
    worker.running = nullptr;
    if (worker.stop_reason != ErrorCode::internal) return fail(stopped_error(worker.stop_reason));
  }
  if (auto finished = job.writer->finish(); !finished) return fail(std::move(finished.error()));
  return std::move(*answered);
}

void ReadPool::serve(std::shared_ptr<duckdb::Database> serving) {
  const MutexLock lock(mutex_);
  serving_.swap(serving);
}

void ReadPool::forget(std::uint64_t snapshot) {
  MutexLock lock(mutex_);
  const auto mark = ++forget_mark_;
  std::vector<const Worker*> asked;
  for (auto& worker : workers_) {
    if (!worker.holds.contains(snapshot)) continue;
    worker.forget.push_back(snapshot);
    asked.push_back(&worker);
  }
  work_ready_.notify_all();
  forgotten_.wait(mutex_, [&]() OFFLOADER_REQUIRES(mutex_) {
    return stopped_ || std::ranges::all_of(asked, [&](const Worker* w) { return w->forgotten >= mark; });
  });
}

executor::PoolStatus ReadPool::status() const {
  const MutexLock lock(mutex_);
  return {workers_.size(), busy_, queue_.size(), options_.remote_cap};
}

void ReadPool::stop() {
  std::vector<Waiting> left;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    left = queue_.take_all();
    for (auto& worker : workers_) {
      if (!worker.busy) continue;
      worker.stop_reason = ErrorCode::cancelled;
      if (worker.running != nullptr) worker.running->interrupt();
    }
  }
  work_ready_.notify_all();
  watch_ready_.notify_all();
  for (auto& job : left) {
    job.job.cancel->on_cancel({});
    job.callback(fail(stopped_error(ErrorCode::cancelled)));
  }
  left.clear();
  for (auto& worker : workers_) {
    worker.thread.join();
    worker.connections.clear();
  }
  watcher_.join();
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
    serving_.reset();
  }
  forgotten_.notify_all();
}

}  // namespace offloader::local_executor
