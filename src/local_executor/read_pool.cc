#include "read_pool.h"

#include <algorithm>
#include <array>

#include "offloader/base/low_priority.h"

namespace offloader::local_executor {
namespace {

constexpr std::size_t kPlacesPerConnection = 8;  // in the queue
// DuckDB loses an interrupt that arrives before the query starts, so repeat it until the query has ended.
constexpr std::chrono::milliseconds kRepeatInterrupt{10};
// Streams have threads of their own, one for so many others, but one at least. They run for long, and with
// the priority of work that can wait: a query must not wait for them.
constexpr std::size_t kThreadsPerStream = 4;
// A stream may take so many times the query timeout to its first batch, and again to each next one: a long
// answer may have to be sorted first.
constexpr int kStreamPatience = 10;

std::array<std::size_t, kLanes> places(const Options& options) {
  const std::size_t threads = std::max<std::size_t>(options.pool_size, 1);
  const std::size_t remote = std::max<std::size_t>(std::min(options.remote_cap, threads), 1);
  return {kPlacesPerConnection * threads, kPlacesPerConnection * remote, kPlacesPerConnection * threads};
}

tl::unexpected<Error> busy(bool streams) {
  return fail(ErrorCode::busy,
              streams ? "Too many exports are running. Try again later." : "The server is busy.");
}

}  // namespace

Error ReadPool::stopped_error(ErrorCode reason) {
  if (reason == ErrorCode::timeout) return {reason, "The query took too long.", {}};
  return {ErrorCode::cancelled, "The request was cancelled.", {}};
}

ReadPool::ReadPool(const Options& options, std::function<void()> on_fatal)
    : options_(options), on_fatal_(std::move(on_fatal)), queue_(places(options_)) {
  const std::size_t threads = std::max<std::size_t>(options_.pool_size, 1);
  const std::size_t streams = std::max<std::size_t>(threads / kThreadsPerStream, 1);
  for (std::size_t i = 0; i < threads + streams; ++i) workers_.emplace_back().streams = i >= threads;
}

Result<void> ReadPool::start(EscapeReport report) {
  report_ = std::move(report);
  const auto options = [&](const char* name) {
    return Thread::Options{.name = name, .report = report_, .after = Thread::AfterEscape::restart};
  };
  for (auto& worker : workers_) {
    auto started =
        worker.thread.start(options(worker.streams ? "stream-pool" : "read-pool"), [this, &worker] {
          if (worker.streams) lower_priority_of_this_thread(Niceness::lowest);
          work(worker);
        });
    if (!started) return started;
  }
  return watcher_.start(options("read-deadlines"), [this] { watch(); });
}

ReadPool::~ReadPool() {
  stop();
}

void ReadPool::submit(executor::Query job, executor::AnsweredCallback callback) {
  if (!job.cancel) job.cancel = std::make_shared<CancelFlag>();
  const auto flag = job.cancel;
  const bool streams = job.stream.has_value();
  bool accepted = false;
  std::optional<Waiting> displaced;
  const auto ticket = next_ticket_.fetch_add(1);
  // Set before the job is queued, so that the end of the job can clear it. If the flag is raised in between,
  // work() sees it when it takes the job.
  flag->on_cancel([this, ticket] { cancel(ticket); });
  {
    const MutexLock lock(mutex_);
    if (!stopping_ && queue_.make_place(job.fairness_class, lane_of(job), displaced)) {
      accepted = true;
      queue_.push({ticket, std::move(job), std::move(callback), Clock::now() + options_.pool_wait});
    }
  }
  if (!accepted) {
    flag->on_cancel({});
    callback(busy(streams));
    return;
  }
  if (displaced) {
    displaced->job.cancel->on_cancel({});
    displaced->callback(busy(streams));
  }
  (streams ? stream_ready_ : work_ready_).notify_one();
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

bool ReadPool::may_run(const Worker& worker, const executor::Query& job) const {
  if (job.stream.has_value() != worker.streams) return false;
  if (job.snapshot->remote() && remote_busy_ >= options_.remote_cap) return false;
  if (!job.stream) return true;
  const auto group = stream_groups_.find(job.stream->group);
  return group == stream_groups_.end() || group->second < job.stream->most;
}

void ReadPool::count_running(const executor::Query& job, bool begins) {
  const auto count = [begins](std::size_t& running) { begins ? ++running : --running; };
  if (job.snapshot->remote()) count(remote_busy_);
  if (!job.stream) return;
  count(streams_);
  std::size_t& group = stream_groups_[job.stream->group];
  count(group);
  if (group == 0) stream_groups_.erase(job.stream->group);
}

void ReadPool::wake_all() {
  work_ready_.notify_all();
  stream_ready_.notify_all();
}

ReadPool::Clock::duration ReadPool::patience() const {
  return kStreamPatience * options_.query_timeout;
}

void ReadPool::pace(Worker& worker, bool waits) {
  // The watcher looks again before this deadline can have passed, and so need not be told.
  worker.deadline = waits ? kNoDeadline : (Clock::now() + patience()).time_since_epoch().count();
  // Nobody may have to wait for the end of a stream, except for its own instance.
  if (worker.forgets) drop_forgotten(worker, true);
}

void ReadPool::drop_forgotten(Worker& worker, bool streams) {
  MutexLock lock(mutex_);
  if (streams && std::ranges::count(worker.forget, kServing) > 0) return;
  worker.forgets = false;
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
}

void ReadPool::work(Worker& worker) {
  MutexLock lock(mutex_);
  while (true) {
    std::optional<Waiting> taken;
    (worker.streams ? stream_ready_ : work_ready_).wait(mutex_, [&]() OFFLOADER_REQUIRES(mutex_) {
      return stopping_ || !worker.forget.empty() ||
             (taken = queue_.take([&](const executor::Query& job) OFFLOADER_REQUIRES(mutex_) {
               return may_run(worker, job);
             })).has_value();
    });
    if (stopping_ && !taken) return;
    if (!taken) {
      lock.unlock();
      drop_forgotten(worker, false);
      lock.lock();
      continue;
    }
    Waiting& next = *taken;
    const bool counted = next.job.stream || next.job.snapshot->remote();
    worker.busy = true;
    worker.ticket = next.ticket;
    worker.stop_reason = next.job.cancel->cancelled() ? ErrorCode::cancelled : ErrorCode::internal;
    const auto begin = Clock::now();
    worker.deadline =
        (begin + (next.job.stream ? patience() : options_.query_timeout)).time_since_epoch().count();
    ++busy_;
    count_running(next.job, true);
    watch_ready_.notify_one();
    lock.unlock();

    auto rows = execute_guarded(worker, next.job);

    lock.lock();
    const auto reason = worker.stop_reason;
    worker.busy = false;
    worker.running = nullptr;
    --busy_;
    count_running(next.job, false);
    lock.unlock();
    if (counted) wake_all();
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
      const Clock::rep ends = worker.deadline;
      const Clock::time_point deadline =
          ends == kNoDeadline ? now + patience() : Clock::time_point(Clock::duration(ends));
      if (worker.stop_reason == ErrorCode::internal && now >= deadline)
        worker.stop_reason = ErrorCode::timeout;
      if (worker.stop_reason != ErrorCode::internal) {
        if (worker.running != nullptr) worker.running->interrupt();
        next = std::min(next, now + kRepeatInterrupt);
      } else {
        next = std::min(next, deadline);
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
      answer(job.callback, busy(job.job.stream.has_value()));
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
    worker.forgets = true;
    asked.push_back(&worker);
  }
  wake_all();
  forgotten_.wait(mutex_, [&]() OFFLOADER_REQUIRES(mutex_) {
    return stopped_ || std::ranges::all_of(asked, [&](const Worker* w) { return w->forgotten >= mark; });
  });
}

executor::PoolStatus ReadPool::status() const {
  const MutexLock lock(mutex_);
  return {std::max<std::size_t>(options_.pool_size, 1), busy_ - streams_,
          queue_.size() - queue_.size(Lane::stream), options_.remote_cap};
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
  wake_all();
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
