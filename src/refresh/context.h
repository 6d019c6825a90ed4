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

// What the actors of all datasets share. Each part may be used from any thread, and outlives the actors.
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
  std::function<void()> wake_loop;  // which then asks every actor what it waits for
};

// The record first, so that a restart in between finds an orphan.
void remove_snapshot(const RefreshContext& context, const std::string& dataset,
                     const snapshot_cache::SnapshotRecord& record);
// The same of a snapshot that is attached: its files go when the last reader does.
void discard(const RefreshContext& context, const std::string& dataset, const Held& held);
// Everything of a dataset that the project does not have.
void remove_kept(const RefreshContext& context, const std::string& dataset);

}  // namespace offloader::refresh
