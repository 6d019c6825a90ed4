#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "context.h"
#include "dataset_actor.h"
#include "offloader/base/mutex.h"
#include "offloader/base/timer_loop.h"
#include "offloader/refresh/refresher.h"
#include "project_watch.h"
#include "verification.h"

namespace offloader::refresh {

// The parts of a Refresher, and the map of actors. Members are destroyed in reverse order, so that none
// outlives what it uses.
class Refresher::Impl {
 public:
  Impl(executor::Executor& executor, object_store::ObjectStore& store, serving::Publication& publication,
       telemetry::Telemetry& telemetry, const Clock& clock, snapshot_cache::CacheFolder folder,
       std::unique_ptr<ProjectSource> source, const catalog::LoadedProject& project,
       RefresherOptions options);

  Result<void> start();
  void expect_stop();
  void stop();
  // Whether stop() was called.
  [[nodiscard]] bool stopped() const { return stopped_; }

  // Returns null for a dataset that is not in the project.
  [[nodiscard]] ActorPtr find(const std::string& dataset) const;
  [[nodiscard]] ProjectWatch& watch() { return watch_; }
  [[nodiscard]] RefreshStatus status() const;
  void wake();

 private:
  using Actors = std::map<std::string, ActorPtr>;

  [[nodiscard]] std::shared_ptr<const Actors> actors() const;
  [[nodiscard]] std::shared_ptr<const Project> project_of(
      const std::shared_ptr<const catalog::Catalog>& catalog) const;
  // Serves what the cache folder has, before any thread starts.
  Result<void> warm_start();
  std::optional<SteadyTime> look();
  // Switches to a new project as a whole, on the watch's thread (reload.cc). Returns false if it is the
  // running one. After an exception the old project stays in force. After the switch nothing is thrown: what
  // fails is logged, and the loop repeats a failed publication.
  bool apply(const std::shared_ptr<const catalog::Catalog>& catalog);
  void collect() const;
  // Returns the memory of a replaced configuration to the system, once nobody reads it any more. Returns when
  // to call it again.
  std::optional<SteadyTime> return_memory();
  [[nodiscard]] EscapeReport report_of(const char* thread) const;

  object_store::ObjectStore& store_;
  const snapshot_cache::CacheFolder folder_;
  const std::unique_ptr<ProjectSource> source_;
  RefresherOptions options_;
  telemetry::Log& log_;
  telemetry::Metrics& metrics_;
  const Clock& clock_;
  std::shared_ptr<const Project> project_;  // used only by the watch's thread after start()
  Publisher publisher_;
  SuspectTurn suspects_;
  AskingPool asking_;
  BuildQueue builds_;
  const RefreshContext context_;
  mutable Mutex actors_mutex_;
  std::shared_ptr<const Actors> actors_ OFFLOADER_GUARDED_BY(actors_mutex_) = std::make_shared<Actors>();
  std::vector<WarmFile> warm_files_;
  std::atomic<bool> memory_freed_{false};       // much of it, by replacing a configuration
  std::optional<SteadyTime> return_memory_at_;  // used only by the loop's thread
  std::atomic<bool> deaths_counted_{false};
  std::atomic<bool> stop_expected_{false};
  std::atomic<bool> stopped_{false};
  std::shared_ptr<void> collect_;
  TimerLoop loop_;
  ProjectWatch watch_;
  WarmVerification verification_;
};

}  // namespace offloader::refresh
