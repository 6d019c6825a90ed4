#pragma once

#include <atomic>
#include <deque>
#include <limits>
#include <list>
#include <map>
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

// The threads that run queries, each with its own DuckDB connections, and one thread that enforces deadlines.
// Queries wait for a thread in a ReadQueue; one that waits longer than `pool_wait` is answered `busy` even if
// no thread becomes free. Owned by the executor. Any thread, except where noted. Every callback is called
// exactly once, without locks held: by a pool thread, the deadline thread, or a thread that calls submit(),
// stop() or the query's CancelFlag.
class ReadPool {
 public:
  // `on_fatal` is called on a pool thread when DuckDB has invalidated the serving instance.
  ReadPool(const Options& options, std::function<void()> on_fatal);
  ~ReadPool();

  // Requires: called once, before the first submit(). `report` is called on a pool thread if a query or its
  // callback throws; that query fails, and the thread continues. Errors: `busy` if not all threads can be
  // started.
  [[nodiscard]] Result<void> start(EscapeReport report = {});

  // Queues a query. Does not block. Failures: `busy`, `timeout`, `cancelled`, DuckDB's, the writer's.
  void submit(executor::Query job, executor::AnsweredCallback callback);
  // Sets the instance of local snapshots for new connections. While it is null, a query that needs a new
  // connection to it is answered `busy`.
  void serve(std::shared_ptr<duckdb::Database> serving);
  // Makes all threads, including idle ones, drop their statements and connections of a snapshot or, with
  // kServing, of the serving instance. Blocks until they have, at most as long as their running queries.
  // Afterwards the snapshot's file may be detached. Requires: not called on a pool thread.
  static constexpr std::uint64_t kServing = 0;
  void forget(std::uint64_t snapshot);
  [[nodiscard]] executor::PoolStatus status() const;
  // Answers waiting queries with `cancelled`, interrupts the running ones, and joins the threads. Idempotent.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  using Waiting = ReadQueue::Waiting;
  static constexpr Clock::rep kNoDeadline = std::numeric_limits<Clock::rep>::max();
  struct CachedStatement {
    std::uint64_t snapshot;
    std::uint64_t shape;
    bool never;  // the statement of a plan that matches nothing
    duckdb::Part part;
    duckdb::SeekForm seek;
    duckdb::PlanStatement statement;
  };
  struct InstanceConnection {
    duckdb::Connection connection;
    std::list<CachedStatement> statements;  // most recently used first
  };
  struct Worker {
    Thread thread;
    bool streams = false;  // constant: it runs streams alone, and others none
    // Guarded by mutex_, up to `running`.
    std::vector<std::uint64_t> forget;        // ids to drop
    std::atomic<bool> forgets = false;        // whether there are any; readable without the lock
    std::unordered_set<std::uint64_t> holds;  // ids that `connections` may refer to
    std::uint64_t forgotten = 0;              // the forget_mark_ up to which everything is dropped
    bool busy = false;
    std::uint64_t ticket = 0;
    // Written also without the lock, by the thread itself while it sends a stream. kNoDeadline: it waits for
    // the client.
    std::atomic<Clock::rep> deadline = kNoDeadline;
    ErrorCode stop_reason = ErrorCode::internal;  // internal: none
    duckdb::Connection* running = nullptr;        // to interrupt; null: not in DuckDB
    // Used only by the thread itself. The key is the id of a remote snapshot, or kServing.
    std::unordered_map<std::uint64_t, InstanceConnection> connections;
  };

  static Error stopped_error(ErrorCode reason);

  // Whether the worker may run a waiting query now.
  bool may_run(const Worker& worker, const executor::Query& job) const OFFLOADER_REQUIRES(mutex_);
  // Counts a query that begins or ends.
  void count_running(const executor::Query& job, bool begins) OFFLOADER_REQUIRES(mutex_);

  void work(Worker& worker);
  void wake_all();
  void watch();
  void cancel(std::uint64_t ticket);
  executor::Outcome execute_guarded(Worker& worker, const executor::Query& job);
  void answer(const executor::AnsweredCallback& callback, executor::Outcome rows) const;
  // While the writer of a stream sends rows, and so may wait for the client, the query has no deadline.
  // Called for each batch, so it takes no lock unless there is something to drop.
  class PacedWriter;
  void pace(Worker& worker, bool waits);
  [[nodiscard]] Clock::duration patience() const;  // with a stream, up to its next rows
  // Drops a worker's statements and connections of snapshots that nobody reads any more, on its own thread,
  // and notes that it has. `streams`: it does so between the rows of a stream, which may be reading the
  // serving instance: if that is to be dropped, it drops nothing yet.
  void drop_forgotten(Worker& worker, bool streams) OFFLOADER_EXCLUDES(mutex_);

  // Answers the page and its totals, each part by the index or DuckDB.
  executor::Outcome execute(Worker& worker, const executor::Query& job);
  executor::Outcome execute_page(Worker& worker, const executor::Query& job, const query::Plan& plan,
                                 rows::Writer& writer);
  tl::expected<std::int64_t, executor::Failure> execute_count(Worker& worker, const executor::Query& job);
  // Calls `run(connection)` with the worker's connection to the snapshot's instance, which may be interrupted
  // meanwhile, and returns its result.
  template <typename T, typename Run>
  tl::expected<T, executor::Failure> in_duckdb(Worker& worker, const executor::Query& job, Run run);
  tl::expected<InstanceConnection*, executor::Failure> connection_of(Worker& worker,
                                                                     const executor::Query& job);
  Result<const duckdb::PlanStatement*> prepared(Worker& worker, InstanceConnection& instance,
                                                const executor::Query& job, const query::Plan& plan,
                                                duckdb::Part part);

  const Options options_;
  const std::function<void()> on_fatal_;
  EscapeReport report_;  // constant after start()
  mutable Mutex mutex_;
  Condition work_ready_;
  Condition stream_ready_;
  Condition watch_ready_;
  Condition forgotten_;
  std::shared_ptr<duckdb::Database> serving_ OFFLOADER_GUARDED_BY(mutex_);
  std::uint64_t forget_mark_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  ReadQueue queue_ OFFLOADER_GUARDED_BY(mutex_);
  std::size_t busy_ OFFLOADER_GUARDED_BY(mutex_) = 0;  // threads that run a query, or a stream
  std::size_t remote_busy_ OFFLOADER_GUARDED_BY(mutex_) = 0;
  std::size_t streams_ OFFLOADER_GUARDED_BY(mutex_) = 0;                             // that run
  std::map<std::uint64_t, std::size_t> stream_groups_ OFFLOADER_GUARDED_BY(mutex_);  // running ones, by group
  std::atomic<std::uint64_t> next_ticket_{1};
  bool stopping_ OFFLOADER_GUARDED_BY(mutex_) = false;
  bool stopped_ OFFLOADER_GUARDED_BY(mutex_) = false;  // the threads have ended
  std::deque<Worker> workers_;
  Thread watcher_;
};

}  // namespace offloader::local_executor
