#pragma once

#include <functional>

#include "asking_pool.h"
#include "build_queue.h"
#include "held.h"
#include "offloader/base/clock.h"
#include "offloader/executor/executor.h"
#include "offloader/refresh/refresher.h"
#include "offloader/snapshot_cache/cache_folder.h"
#include "offloader/telemetry/telemetry.h"
#include "publisher.h"
#include "suspects.h"

namespace offloader::refresh {

// What the actors of all datasets share. Owned by the refresher. Every part may be used from any thread and
// outlives the actors.
struct RefreshContext {
  executor::Executor& executor;
  telemetry::Metrics& metrics;
  telemetry::Log& log;
  const Clock& clock;
  const snapshot_cache::CacheFolder& folder;
  const RefresherOptions& options;
  Publisher& publisher;
  AskingPool& asking;
  BuildQueue& builds;
  SuspectTurn& suspects;
  std::function<void()> wake_loop;  // makes the loop call look() of every actor
};

// Removes a snapshot that is not attached: the record first, so that a crash in between leaves only an
// orphan, which the next start removes.
void remove_snapshot(const RefreshContext& context, const std::string& dataset,
                     const snapshot_cache::SnapshotRecord& record);
// Removes an attached snapshot: its record now, its files when the last reader is done.
void discard(const RefreshContext& context, const std::string& dataset, const Held& held);
// Removes everything kept of a dataset that is not in the project.
void remove_kept(const RefreshContext& context, const std::string& dataset);

}  // namespace offloader::refresh
