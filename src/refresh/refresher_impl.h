#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <utility>

#include "asking_pool.h"
#include "build_slots.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/refresh/refresher.h"
#include "run.h"

// The refresher's threads and state; one source file for each idea. Functions that do not require
// state_mutex_ take it themselves where they need it, or do without.
namespace offloader::refresh {

class Refresher::Impl {
 public:
  Impl(executor::Executor& executor, object_store::ObjectStore& store, serving::Publication& publication,
       telemetry::Telemetry& telemetry, const Clock& clock, CacheFolder folder,
       std::unique_ptr<ProjectSource> source, catalog::LoadedProject project, RefresherOptions options);

  Result<void> start();

  void stop();

  bool refresh(const std::string& dataset, std::function<void(RefreshReport)> done,
               const std::string& asked_by);

  Result<RollbackReport> rollback(const std::string& dataset, bool force, const std::string& asked_by);

  void reload(std::function<void(ReloadReport)> done, const std::string& asked_by);

  void expect_stop();

  void report_corrupt(const std::string& dataset, std::uint64_t snapshot);

  RefreshStatus status() const;

  void wake();

 private:
  struct WarmFile {
    std::string dataset;
    executor::Stored stored;
    std::weak_ptr<const serving::ServedSnapshot> snapshot;
  };

  // The loop (loop.cc).
  void loop();
  void warn_of_unwanted(Run& run) OFFLOADER_REQUIRES(state_mutex_);
  void drain_outbox();
  void wake_loop() noexcept OFFLOADER_REQUIRES(state_mutex_);

  // What catches whatever a step of an attempt throws (guard.cc): the attempt is `failed`, the dataset is
  // tried again.
  using Step = void (Impl::*)(const RunPtr& run, const AttemptPtr& attempt);
  void guarded(Step step, const RunPtr& run, const AttemptPtr& attempt) noexcept;
  void abandon(Run& run) noexcept OFFLOADER_REQUIRES(state_mutex_);  // the attempt is over without a report
  Thread::Options thread_options(const char* name, Thread::AfterEscape after);

  // An attempt, from asking the source to its end (attempt.cc).
  void begin_attempt(const RunPtr& run) OFFLOADER_REQUIRES(state_mutex_);
  std::unique_ptr<const sources::SnapshotSource> source_of(const catalog::Catalog& catalog,
                                                           const catalog::Dataset& dataset) const;
  void ask(const RunPtr& run, const AttemptPtr& attempt);
  // Opens remote files that a restart, or a rollback after one, left closed (recall.cc).
  void recall_remote(const RunPtr& run, const AttemptPtr& attempt);
  Result<std::shared_ptr<const executor::Snapshot>> reopen(const Run& run, const Attempt& attempt,
                                                           const SnapshotRecord& record);
  // Whether what the source offers is to be built; ends the attempt when not.
  bool choose(const RunPtr& run, const AttemptPtr& attempt);
  // Whether a suspect may be built now: one at a time, so that the next death tells which one it
  // was.
  bool take_suspect_turn(const RunPtr& run, const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  void end(const RunPtr& run, const AttemptPtr& attempt, Ending ending);
  void end_locked(const RunPtr& run, const AttemptPtr& attempt, Ending ending)
      OFFLOADER_REQUIRES(state_mutex_);
  // The attempt is over: whoever waited for it is told what the last attempt came to.
  void over(const RunPtr& run, const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  // The project or a person changed their mind while the attempt ran: it counts for nothing, and the
  // next begins at once.
  void put_off(const RunPtr& run, const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  bool superseded(const Run& run, const Attempt& attempt) const OFFLOADER_REQUIRES(state_mutex_);

  // Building, on the workers (materialize.cc).
  void work();
  void take_slot_and_materialize(const RunPtr& run, const AttemptPtr& attempt);
  // Builds, verifies, puts into place, attaches; then activates.
  void materialize(const RunPtr& run, const AttemptPtr& attempt);
  tl::expected<HeldPtr, Ending> make(const Run& run, const Attempt& attempt);
  // Of a build that read its data to the end, or refused it: what is remembered of an earlier death of the
  // same manifest is forgotten.
  void note_survival(Run& run, const Attempt& attempt);
  tl::expected<void, Ending> build(const Run& run, const Attempt& attempt, Held& held);
  bool serves_rows(const std::string& id) const;

  // What serves (activation.cc).
  void activate(const RunPtr& run, const AttemptPtr& attempt, HeldPtr held);
  // The files go when the last reader does; the record at once, so that a restart in between finds an orphan.
  void discard(const std::string& id, const Held& held);
  // Of one that is not attached: its record first, so that a restart in between finds an orphan.
  void remove_snapshot(const std::string& id, const SnapshotRecord& record);
  // Everything of a dataset that the project no longer has.
  void remove_kept(const std::string& id);
  Result<void> write_marks(const Run& run) const OFFLOADER_REQUIRES(state_mutex_);
  Result<void> swap_to_previous(Run& run, bool quarantine) OFFLOADER_REQUIRES(state_mutex_);
  void set_aside(const Run& run, const HeldPtr& held) OFFLOADER_REQUIRES(state_mutex_);
  bool complete(const Held& held, const catalog::Dataset& dataset) const OFFLOADER_REQUIRES(state_mutex_);
  void publish() OFFLOADER_REQUIRES(state_mutex_);        // should it throw, the loop publishes again
  void publish_state() OFFLOADER_REQUIRES(state_mutex_);  // for publish() alone
  // Has the serving snapshot's index built again where the endpoints ask for another layout than it has.
  void ask_for_index(const Run& run) const OFFLOADER_REQUIRES(state_mutex_);

  // Datasets come and go (datasets.cc).
  RunPtr make_run(const catalog::Dataset& dataset, bool announced) const OFFLOADER_REQUIRES(state_mutex_);
  Policy policy_of(const catalog::Dataset& dataset) const OFFLOADER_REQUIRES(state_mutex_);
  void warm_start(Run& run, const catalog::Dataset& dataset) OFFLOADER_REQUIRES(state_mutex_);
  // Takes over the project as a whole: an exception before that leaves the old one in force, one
  // after it costs no dataset its place.
  void apply(std::shared_ptr<const catalog::Catalog> next) OFFLOADER_REQUIRES(state_mutex_);

  // What a warm start serves, read through on a thread of its own (verification.cc).
  void verify_warm_files();

  // The project, on the config thread (project_watch.cc).
  void watch_project();
  ReloadReport check_project_guarded(bool asked, const std::string& asked_by);
  // `asked`: somebody wants it read, whatever the stamp says.
  ReloadReport check_project(bool asked, const std::string& asked_by);
  void log_refusal(const ReloadReport& report);

  // What is shown (shown.cc).
  double age_of(const serving::ServedSnapshot& snapshot) const;
  bool stale(const Run& run) const OFFLOADER_REQUIRES(state_mutex_);
  std::optional<SnapshotStatus> snapshot_status(const HeldPtr& held) const;
  DatasetStatus status_of(const Run& run) const OFFLOADER_REQUIRES(state_mutex_);
  void collect();

  executor::Executor& executor_;
  object_store::ObjectStore& store_;
  serving::Publication& publication_;
  telemetry::Metrics& metrics_;
  telemetry::Log& log_;
  const Clock& clock_;
  CacheFolder folder_;
  std::unique_ptr<ProjectSource> source_;
  RefresherOptions options_;
  std::string stamp_;    // the config thread's, after start()
  std::string refused_;  // the config thread's: what was logged of the revision that was refused last

  mutable Mutex state_mutex_;
  Condition changed_;          // the loop's
  Condition queue_changed_;    // the workers'
  Condition project_changed_;  // the config thread's
  bool stopping_ OFFLOADER_GUARDED_BY(state_mutex_) = false;
  bool woken_ OFFLOADER_GUARDED_BY(state_mutex_) = false;
  bool publish_again_ OFFLOADER_GUARDED_BY(state_mutex_) =
      false;  // an exception has left the publication behind
  std::shared_ptr<const catalog::Catalog> desired_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::map<std::string, RunPtr> runs_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::vector<RunPtr> removed_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::deque<std::pair<RunPtr, AttemptPtr>> queue_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::vector<std::function<void()>> outbox_ OFFLOADER_GUARDED_BY(state_mutex_);
  struct AskedReload {
    std::function<void(ReloadReport)> done;
    std::string asked_by;
  };
  std::vector<AskedReload> reloads_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::atomic<bool> deaths_counted_{false};
  std::atomic<bool> stop_expected_{false};
  std::string suspect_
      OFFLOADER_GUARDED_BY(state_mutex_);  // the dataset whose build may end the process; empty: none runs
  std::vector<std::shared_ptr<CancelFlag>> cancelled_ OFFLOADER_GUARDED_BY(state_mutex_);
  ConfigSyncStatus sync_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::vector<WarmFile> warm_files_;  // the verification thread's, once it runs
  CancelFlag verification_cancelled_;

  std::shared_ptr<void> collect_;
  BuildSlots slots_;
  AskingPool asking_;
  std::vector<Thread> workers_;
  Thread config_thread_;
  Thread loop_thread_;
  Thread verification_thread_;
};

}  // namespace offloader::refresh
