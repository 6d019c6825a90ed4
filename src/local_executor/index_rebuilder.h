#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "instance_ledger.h"
#include "janitor.h"
#include "local_snapshot.h"
#include "offloader/base/mutex.h"
#include "offloader/local_executor/local_executor.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::local_executor {

// Keeps the indexes of attached snapshots sound and of the layout that the endpoints ask for. An index that
// is missing, damaged, of another snapshot or of another layout is built again, one at a time, by one thread
// at low priority; meanwhile DuckDB, or the index of the old layout, answers. Owned by the executor. Any
// thread; nothing but open() blocks. What fails is logged and shown in the snapshot's index_status().
class IndexRebuilder {
 public:
  IndexRebuilder(const Options& options, InstanceLedger& ledger, telemetry::Log& log);
  ~IndexRebuilder();
  IndexRebuilder(const IndexRebuilder&) = delete;
  IndexRebuilder& operator=(const IndexRebuilder&) = delete;

  // Opens the index file of a snapshot that has just been attached; reads all of it.
  void open(const OpenSnapshot& snapshot);
  void want(const OpenSnapshot& snapshot, const catalog::Dataset& dataset, const executor::Layout& columns);
  // A page of this reader could not be read.
  void lose(const OpenSnapshot& snapshot, const index::Reader* lost);

  // Once. `busy` when there is no thread to be had.
  [[nodiscard]] Result<void> start(EscapeReport report) {
    return thread_.start("index-repair", std::move(report));
  }
  // Cancels the rebuild that runs and drops the queued ones. Idempotent.
  void stop();

 private:
  void queue(const OpenSnapshot& snapshot);
  void rebuild(const std::weak_ptr<const OpenSnapshot>& asked);
  void rebuild(const OpenSnapshot& snapshot);
  [[nodiscard]] bool began(const OpenSnapshot& snapshot);
  [[nodiscard]] Result<std::shared_ptr<const index::Reader>> build(const OpenSnapshot& snapshot);

  const Options& options_;
  InstanceLedger& ledger_;
  telemetry::Log& log_;
  Mutex running_mutex_;
  bool stopped_ OFFLOADER_GUARDED_BY(running_mutex_) = false;
  std::shared_ptr<CancelFlag> running_ OFFLOADER_GUARDED_BY(running_mutex_);  // of the rebuild that runs
  Janitor thread_;
};

}  // namespace offloader::local_executor
