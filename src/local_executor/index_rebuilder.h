#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "build_memory.h"
#include "instance_ledger.h"
#include "janitor.h"
#include "local_snapshot.h"
#include "offloader/base/mutex.h"
#include "offloader/local_executor/local_executor.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::local_executor {

// Keeps the indexes of attached snapshots intact and in the layout that the endpoints need. It rebuilds an
// index that is missing, damaged, or of another snapshot or layout. One thread of low priority rebuilds one
// index at a time; meanwhile DuckDB or the index of the old layout answers. Owned by the executor. Any
// thread; only open() and stop() block. Failures are logged and shown in the snapshot's index_status().
class IndexRebuilder {
 public:
  IndexRebuilder(const Options& options, InstanceLedger& ledger, BuildMemory& memory, telemetry::Log& log);
  ~IndexRebuilder();
  IndexRebuilder(const IndexRebuilder&) = delete;
  IndexRebuilder& operator=(const IndexRebuilder&) = delete;

  // Opens the index of a newly attached snapshot, and queues a rebuild if it is unusable. If no descriptor or
  // memory is left to open it, keeps the file and opens it as soon as that succeeds. Reads all of the file.
  void open(const OpenSnapshot& snapshot);
  // Queues a rebuild if the endpoints need another layout than the index has.
  void want(const OpenSnapshot& snapshot, const catalog::Dataset& dataset, const executor::Layout& columns);
  // Stops using `lost`, one of whose pages could not be read, and queues a rebuild.
  void lose(const OpenSnapshot& snapshot, const index::Reader* lost);

  // Requires: called once. Errors: `busy` if the thread cannot be started.
  [[nodiscard]] Result<void> start(EscapeReport report) {
    return thread_.start("index-repair", std::move(report));
  }
  // Cancels the running rebuild, drops the queued ones, and joins the thread. Idempotent.
  void stop();

 private:
  enum class Task { rebuild, reopen };

  void queue(const OpenSnapshot& snapshot, Task task);
  void run(Task task, const std::weak_ptr<const OpenSnapshot>& asked);
  void rebuild(const OpenSnapshot& snapshot);
  void reopen(const OpenSnapshot& snapshot);
  [[nodiscard]] bool began(const OpenSnapshot& snapshot);
  [[nodiscard]] bool ended(const OpenSnapshot& snapshot);
  [[nodiscard]] Result<std::shared_ptr<const index::Reader>> build(const OpenSnapshot& snapshot);

  const Options& options_;
  InstanceLedger& ledger_;
  BuildMemory& memory_;
  telemetry::Log& log_;
  Mutex running_mutex_;
  bool stopped_ OFFLOADER_GUARDED_BY(running_mutex_) = false;
  std::shared_ptr<CancelFlag> running_ OFFLOADER_GUARDED_BY(running_mutex_);  // of the running task
  Janitor thread_;
};

}  // namespace offloader::local_executor
