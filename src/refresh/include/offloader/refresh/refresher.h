#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "offloader/base/cancel.h"
#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/executor/executor.h"
#include "offloader/object_store/object_store.h"
#include "offloader/refresh/project_source.h"
#include "offloader/refresh/status.h"
#include "offloader/serving/publication.h"
#include "offloader/snapshot_cache/cache_folder.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::refresh {

struct RefresherOptions {
  std::chrono::seconds refresh_interval{60};      // for static manifests; 0: only at start and on request
  std::size_t concurrency = 1;                    // builds that work at once
  std::size_t suspended_builds = 4;               // in addition, at most: builds that wait for their store
  std::chrono::milliseconds build_patience{500};  // without bytes, before a build may be suspended
  std::chrono::seconds config_sync_interval{0};   // 0: only reload()
  std::string stale_project{};                    // why the project is an older copy; empty: it is current
  std::function<double()> jitter;                 // in [0, 1), any thread; empty: random
  std::function<std::uint64_t()> free_bytes;      // on the cache folder's disk; empty: ask the system
  const CancelFlag* start_cancelled = nullptr;    // ends start() between two datasets; may be null
  // Called after each publication, one at a time, in their order, from any thread. May be empty.
  std::function<void(const serving::Generation& before, const serving::Generation& after)> published{};
};

// Keeps every dataset's snapshot fresh (snapshots.md). Owned by the composition root; everything passed by
// reference must outlive it. Any thread may call its functions. Callbacks run without a lock held, on one of
// its threads or on a thread that calls one of its functions. An exception on one of its threads fails the
// attempt in which it occurred, or is logged, and the thread goes on.
//
// Each dataset is an actor with its own lock (dataset_actor.h): decide() chooses its next step, and no work
// is done under a lock. All datasets share one loop for timers; a bounded pool that asks sources, in which
// hanging sources do not block others (asking_pool.h); `concurrency` + `suspended_builds` + 1 workers at low
// priority, which take validated snapshots oldest first and build `concurrency` of them at once
// (build_slots.h); one thread for the project; and one that verifies the files of a warm start. A single
// Publisher publishes what serves.
class Refresher {
 public:
  // `project` is what `source` loaded at start. Requires: the first generation of `publication` holds the
  // catalog of `project` without snapshots.
  Refresher(executor::Executor& executor, object_store::ObjectStore& store, serving::Publication& publication,
            telemetry::Telemetry& telemetry, const Clock& clock, snapshot_cache::CacheFolder folder,
            std::unique_ptr<ProjectSource> source, catalog::LoadedProject project, RefresherOptions options);
  ~Refresher();  // calls stop()
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

  // Warm start: attaches and publishes every valid snapshot of the cache folder before any source is asked,
  // then starts the threads. Blocking. Fails with `busy` when the system cannot start a thread, and with
  // `cancelled` when `start_cancelled` is raised.
  [[nodiscard]] Result<void> start();

  // Call when the process is about to stop on purpose: builds that end with it do not count as deaths.
  // Implied by stop().
  void expect_stop();

  // Cancels builds, removes their partial files, and joins the threads. Pending refreshes report `failed`,
  // pending reloads `error`. Idempotent.
  void stop();

  // Requests a forced refresh and returns at once. It rebuilds even the serving id and lifts a quarantine;
  // pins and skips still apply. If an attempt is running, one forced attempt follows it, however many were
  // requested. `done` (may be empty) receives the outcome. Returns false for an unknown dataset and after
  // stop(). `asked_by`, here and below, is the id of the request, for the log.
  [[nodiscard]] bool refresh(const std::string& dataset, std::function<void(RefreshReport)> done,
                             const std::string& asked_by = {});

  // Like refresh(), but waits for the outcome. Fails with `not_found` for an unknown dataset, and with
  // `unavailable` after stop().
  [[nodiscard]] Result<RefreshReport> refresh_and_wait(const std::string& dataset);

  // Makes the previous snapshot the serving one and quarantines the id that it replaces. Blocking: it writes
  // to the cache folder. Fails with `conflict` when the active snapshot is pinned, or when there is no
  // previous snapshot with another id that is open and neither skipped nor quarantined (`force` allows a
  // quarantined one); with `not_found` for an unknown dataset; with `no_space` or `unavailable` when the
  // cache folder cannot record the rollback. After an error nothing has changed.
  [[nodiscard]] Result<RollbackReport> rollback(const std::string& dataset, bool force = false,
                                                const std::string& asked_by = {});

  // Requests a reload and returns at once. Reads the project even if its stamp is unchanged, and applies it
  // if it differs from the running one. `done` may be empty.
  void reload(std::function<void(ReloadReport)> done, const std::string& asked_by = {});
  // Like reload(), but waits for the outcome.
  [[nodiscard]] ReloadReport reload_and_wait();

  // Call when a query finds the file of this snapshot (executor::Snapshot::id) damaged. Sets the file aside,
  // falls back to the previous snapshot if it may serve, and rebuilds the dataset at once. Ignores snapshots
  // that are neither active nor previous. Blocking: it writes to the cache folder.
  void report_corrupt(const std::string& dataset, std::uint64_t snapshot);

  // Returns the current status of all datasets and of the configuration.
  [[nodiscard]] RefreshStatus status() const;

  // Makes the threads read the clock again, for tests that move it.
  void wake();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace offloader::refresh
