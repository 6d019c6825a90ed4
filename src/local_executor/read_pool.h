#pragma once

#include <atomic>
#include <deque>
#include <list>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "local_snapshot.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/duckdb/plan_statement.h"
#include "offloader/local_executor/local_executor.h"
#include "read_queue.h"

namespace offloader::local_executor {

// The threads that run queries, each with connections of its own, and one that minds their deadlines. What
// waits for a thread is in a ReadQueue; a query that waited too long is answered `busy` in time, whatever the
// threads do.
class ReadPool {
 public:
  // `on_fatal` is called from a pool thread when the serving instance turns out to be invalid.
  ReadPool(const Options& options, std::function<void()> on_fatal);
  ~ReadPool();

  // Once, before the first submit(). `busy` when the system does not give all threads. `report` is told, on
  // a pool thread, of an exception that a query or its callback threw: that query fails, the thread goes on.
  [[nodiscard]] Result<void> start(EscapeReport report = {});

  void submit(executor::Query job, executor::AnsweredCallback callback);
  // The instance of local snapshots from now on; with none their jobs are answered `busy`.
  void serve(std::shared_ptr<duckdb::Database> serving);
  // Drops what the threads hold of a snapshot, idle threads included; kServing: of the serving instance.
  // Returns when all have, which takes as long as the longest query of the threads that hold some of it: a
  // file may be detached only after it. Not for pool threads.
  static constexpr std::uint64_t kServing = 0;
  void forget(std::uint64_t snapshot);
  [[nodiscard]] executor::PoolStatus status() const;
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  using Waiting = ReadQueue::Waiting;
  struct CachedStatement {
    std::uint64_t snapshot;
    std::uint64_t shape;
    bool never;
    duckdb::PlanStatement statement;
  };
  struct InstanceConnection {
    duckdb::Connection connection;
    std::list<CachedStatement> statements;  // used last first
  };
  struct Worker {
    Thread thread;
    std::vector<std::uint64_t> forget;        // guarded by mutex_
    std::unordered_set<std::uint64_t> holds;  // snapshots and instances that `connections` may name
    std::uint64_t forgotten = 0;              // up to this of forget_mark_
    bool busy = false;                        // the rest of the job's state, too
    std::uint64_t ticket = 0;
    Clock::time_point deadline;
    ErrorCode stop_reason = ErrorCode::internal;  // internal: none
    duckdb::Connection* running = nullptr;
    // The thread's own.
    std::unordered_map<std::uint64_t, InstanceConnection> connections;  // by remote snapshot, or kServing
  };

  void work(Worker& worker);
  void watch();
  void cancel(std::uint64_t ticket);
  executor::Outcome execute_guarded(Worker& worker, const executor::Query& job);
  void answer(const executor::AnsweredCallback& callback, executor::Outcome rows) const;
  executor::Outcome execute(Worker& worker, const executor::Query& job);
  executor::Outcome execute_on(Worker& worker, const executor::Query& job, InstanceConnection& instance);
  Result<const duckdb::PlanStatement*> prepared(Worker& worker, InstanceConnection& instance,
                                                const executor::Query& job, bool never);

  const Options options_;
  const std::function<void()> on_fatal_;
  EscapeReport report_;  // fixed by start()
  mutable Mutex mutex_;
  Condition work_ready_;
  Condition watch_ready_;
  Condition forgotten_;
  std::shared_ptr<duckdb::Database> serving_ OFFLOADER_GUARDED_BY(mutex_);
  std::uint64_t forget_mark_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  ReadQueue queue_ OFFLOADER_GUARDED_BY(mutex_);
  std::size_t busy_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  std::size_t remote_busy_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  std::atomic<std::uint64_t> next_ticket_{1};
  bool stopping_ OFFLOADER_GUARDED_BY(mutex_) = false;
  bool stopped_ OFFLOADER_GUARDED_BY(mutex_) = false;  // the threads have ended
  std::deque<Worker> workers_;
  Thread watcher_;
};

}  // namespace offloader::local_executor
