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
  std::chrono::seconds refresh_interval{60};  // static manifests; 0: at boot and by hand only
  std::size_t concurrency = 1;                // builds at once
  std::size_t suspended_builds = 4;           // beside them, at most: those that wait for their store
  std::chrono::milliseconds build_patience{
      500};                                      // without bytes, then a build is suspended where others wait
  std::chrono::seconds config_sync_interval{0};  // 0: only reload()
  std::string stale_project{};                   // why the project is the copy fetched last; empty: it is not
  std::function<double()> jitter;                // in [0, 1), any thread; empty: random
  std::function<std::uint64_t()> free_bytes;     // of the cache folder's disk; empty: asked for
  const CancelFlag* start_cancelled = nullptr;   // ends start() between two datasets; may be null
};

// Keeps every dataset's snapshot fresh (snapshots.md). Owned by the composition root; everything given by
// reference outlives it. All functions may be called from any thread. Callbacks come from one of its threads,
// without a lock.
//
// Each dataset is an actor with a lock of its own (dataset_actor.h): decide() says what it does next, and no
// work is done under a lock. All of them share one loop for their timers; a bounded pool that asks sources, in
// which those that hang hold nobody else (asking_pool.h); `concurrency` + `suspended_builds` + 1 workers at
// low priority, which take validated snapshots oldest first and build `concurrency` of them at once
// (build_slots.h); one thread for the project; one that reads the files of a warm start. What serves is
// published by one Publisher. An exception on any of the threads fails the attempt that it happened in, or is
// logged, and the thread goes on.
class Refresher {
 public:
  // `project` is what `source` loaded at start; the publication's first generation holds its catalog without
  // snapshots.
  Refresher(executor::Executor& executor, object_store::ObjectStore& store, serving::Publication& publication,
            telemetry::Telemetry& telemetry, const Clock& clock, snapshot_cache::CacheFolder folder,
            std::unique_ptr<ProjectSource> source, catalog::LoadedProject project, RefresherOptions options);
  ~Refresher();  // stops
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

  // Warm start: attaches and publishes every sound snapshot of the cache folder before any source is asked;
  // then starts the threads. `busy` when the system does not give them, `cancelled` by `start_cancelled`.
  [[nodiscard]] Result<void> start();

  // The process is about to end on purpose, in whatever way: builds that end with it have not died of their
  // data. stop() implies it.
  void expect_stop();

  // Abandons builds, removes their partial files, joins the threads. What waits for a report gets `failed`.
  // Idempotent.
  void stop();

  // Forces a refresh: materializes again even for the same id, lifts a quarantine. While an attempt runs it
  // comes after that, once for however many asked. False for an unknown dataset; `done` may be empty.
  // `asked_by`, here and below: the id of the request that asked, for the log.
  [[nodiscard]] bool refresh(const std::string& dataset, std::function<void(RefreshReport)> done,
                             const std::string& asked_by = {});

  // The same, blocking.
  [[nodiscard]] Result<RefreshReport> refresh_and_wait(const std::string& dataset);

  // Puts the previous snapshot back and quarantines the one that was left. `conflict` when the active
  // snapshot is pinned, or there is no previous one of another id that is neither skipped nor quarantined;
  // `force` goes back to a quarantined one. `not_found`; `no_space` or `unavailable` when it cannot be
  // remembered over a restart. On any error nothing changes.
  [[nodiscard]] Result<RollbackReport> rollback(const std::string& dataset, bool force = false,
                                                const std::string& asked_by = {});

  // Reads the project now, whatever its files look like from outside, and applies it if it changed.
  void reload(std::function<void(ReloadReport)> done, const std::string& asked_by = {});
  [[nodiscard]] ReloadReport reload_and_wait();

  // A query found the file behind this snapshot (executor::Snapshot::id) damaged: set aside, back to the
  // previous one, built again. Blocking: it writes to the cache folder.
  void report_corrupt(const std::string& dataset, std::uint64_t snapshot);

  [[nodiscard]] RefreshStatus status() const;

  // Looks at the clock again: for tests that move it.
  void wake();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace offloader::refresh
