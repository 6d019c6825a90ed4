#include <utility>

#include "refresher_impl.h"

namespace offloader::refresh {
namespace {

constexpr std::chrono::hours kPauseAfterDeath{1};

}  // namespace

RunPtr Refresher::Impl::make_run(const catalog::Dataset& dataset, bool announced) const {
  auto run = std::make_shared<Run>();
  run->id = dataset.id;
  run->announced = announced;
  run->policy = policy_of(dataset);
  run->state.next_attempt = clock_.steady_now();
  const telemetry::Labels labels{{"dataset", dataset.id}};
  run->handles = std::make_unique<Handles>(Handles{
      .age = metrics_.gauge("offloader_snapshot_age_seconds", "Age of the serving snapshot's watermark.",
                            labels),
      .stale = metrics_.gauge("offloader_snapshot_stale",
                              "1 when the serving snapshot is older than it may be.", labels),
      .rows = metrics_.gauge("offloader_snapshot_rows", "Rows of the serving snapshot.", labels),
      .bytes = metrics_.gauge("offloader_snapshot_bytes", "Bytes of the serving snapshot's file.", labels),
      .indexed = metrics_.gauge("offloader_snapshot_indexed",
                                "1 when the serving snapshot's index has what the endpoints ask for; 0 while "
                                "it is missing and being built.",
                                labels),
      .ok = metrics_.gauge("offloader_refresh_ok", "1 when the last refresh was ok or unchanged.", labels),
      .reachable = metrics_.gauge("offloader_source_reachable",
                                  "1 when the last refresh got as far as reading a manifest.", labels),
      .last_success = metrics_.gauge("offloader_refresh_last_success_timestamp_seconds",
                                     "When a refresh last was ok or unchanged.", labels),
      .duration =
          metrics_.histogram("offloader_refresh_duration_seconds", "Duration of refreshes.", labels)});
  return run;
}

Policy Refresher::Impl::policy_of(const catalog::Dataset& dataset) const {
  Policy policy{
      .pin = dataset.pin_snapshot, .skips = dataset.skip_snapshots, .interval = options_.refresh_interval};
  policy.interval = source_of(*desired_, dataset)->interval().value_or(policy.interval);
  return policy;
}

void Refresher::Impl::warm_start(Run& run, const catalog::Dataset& dataset) {
  WarmDataset warm = folder_.recover(run.id, executor_);
  if (const auto death = folder_.death(run.id)) {
    // Never longer than the pause, also where the clock was set back.
    const auto passed = std::max<std::chrono::microseconds>(clock_.now() - death->at, {});
    run.state.died = {
        .tag = death->tag,
        .deaths = death->deaths,
        .until = clock_.steady_now() + std::max<std::chrono::microseconds>(kPauseAfterDeath - passed, {}),
        .reported = false};
  }
  const std::string contract = contract_checksum(dataset);
  const ContractUse use = contract_use(*desired_, dataset);
  const auto wake_up = [&](const std::optional<SnapshotRecord>& record) -> HeldPtr {
    if (!record) return nullptr;
    const bool useful = record->loaded() ? use.local : use.remote && !record->remote_fingerprint.empty();
    if (!useful || record->contract != contract) {
      remove_snapshot(run.id, *record);
      return nullptr;
    }
    auto held = std::make_shared<Held>();
    held->record = *record;
    held->on_disk = true;
    held->contract = record->contract;
    if (!record->loaded()) return held;  // the first attempt opens its files
    auto attached = executor_.attach(record->stored(), dataset);
    if (!attached && attached.error().code == ErrorCode::corrupt) {
      log_.warning(
          "a snapshot file of the cache folder is not sound: it is built again",
          {{"dataset", run.id}, {"snapshot", record->snapshot_id}, {"detail", attached.error().detail}});
      executor_.set_aside(run.id, record->handle);
      folder_.forget(run.id, *record);
      return nullptr;
    }
    if (!attached) {
      // Nothing says that the file is to blame: a later start may serve it.
      log_.warning(
          "A snapshot file of the cache folder cannot be opened now. It is kept; meanwhile the "
          "dataset is built again.",
          {{"dataset", run.id},
           {"snapshot", record->snapshot_id},
           {"error", attached.error().message},
           {"detail", attached.error().detail}});
      run.unopened.push_back(*record);
      return nullptr;
    }
    held->local = served_snapshot(*record, record->rows, record->bytes, record->fingerprint,
                                  SystemTime{std::chrono::microseconds{record->activated_micros}}, *attached);
    warm_files_.push_back({run.id, record->stored(), held->local});
    return held;
  };
  run.active = wake_up(warm.active);
  run.previous = wake_up(warm.previous);
  run.state.quarantined = warm.quarantined;
  const bool lost_active = !run.active && warm.active.has_value();
  if (run.active && run.previous && run.active->record.snapshot_id == run.previous->record.snapshot_id)
    discard(run.id, *std::exchange(run.previous, nullptr));
  const auto may_serve = [&](const std::string& id) {
    return id != run.state.quarantined && !run.policy.skipped(id);
  };
  if (!run.active && run.previous && may_serve(run.previous->record.snapshot_id)) {
    run.active = std::exchange(run.previous, nullptr);
    // The damaged one is built again even where it is the same id.
    run.state.incomplete = lost_active;
  }
  if (run.active) {
    run.state.active = run.active->record.snapshot_id;
    run.state.incomplete = run.state.incomplete || !complete(*run.active, dataset);
  }
  if (run.active && complete(*run.active, dataset) && run.active->record.tag == run.state.died.tag) {
    // It was built after all: the process ended before it could say so.
    run.state.died = {};
    folder_.forget_death(run.id);
  }
  if (run.active && run.active->opened()) {
    log_.info("A snapshot of the cache folder serves.",
              {{"dataset", run.id}, {"snapshot", run.state.active}});
  }
  if (run.previous && run.previous->opened()) run.state.previous = run.previous->record.snapshot_id;
  // The marks go on naming what could not be read or opened, until another snapshot is activated.
  const bool keep_marks = warm.incomplete || !run.unopened.empty();
  if ((warm.active || warm.previous) && !keep_marks) (void)write_marks(run);
  ask_for_index(run);  // the endpoints may have changed while the server was down
}

void Refresher::Impl::apply(std::shared_ptr<const catalog::Catalog> next) {
  struct Change {
    RunPtr run;
    Policy policy;
    bool incomplete = false;
    bool contract = false;
  };
  std::map<std::string, RunPtr> runs;
  std::vector<RunPtr> removed = removed_;
  std::vector<Change> changes;
  std::vector<std::shared_ptr<CancelFlag>> cancelled = cancelled_;
  desired_.swap(next);
  const auto& old = next;
  try {
    for (const auto& [id, run] : runs_) {
      if (!desired_->datasets.contains(id)) removed.push_back(run);
    }
    for (const auto& [id, dataset] : desired_->datasets) {
      const auto found = runs_.find(id);
      if (found == runs_.end()) {
        remove_kept(id);  // what another dataset of this name left
        runs[id] = make_run(dataset, false);
        continue;
      }
      runs.insert(*found);
      const Run& run = *found->second;
      const catalog::Dataset& was = old->datasets.find(id)->second;
      const bool incomplete = run.active && !complete(*run.active, dataset);
      const bool changed = was.origin != dataset.origin || was.pin_snapshot != dataset.pin_snapshot ||
                           was.skip_snapshots != dataset.skip_snapshots ||
                           contract_checksum(was) != contract_checksum(dataset) ||
                           (incomplete && !run.state.incomplete);
      changes.push_back({found->second, policy_of(dataset), incomplete, changed});
      if (run.attempt && superseded(run, *run.attempt)) cancelled.push_back(run.attempt->cancel);
    }
  } catch (...) {
    // The old project goes on as it was, and the next check applies the new one.
    desired_.swap(next);
    throw;
  }
  const SteadyTime now = clock_.steady_now();
  runs_.swap(runs);
  removed_.swap(removed);
  cancelled_.swap(cancelled);
  for (Change& change : changes) {
    Run& run = *change.run;
    run.policy = std::move(change.policy);
    run.state.incomplete = change.incomplete;
    if (change.contract) on_contract_changed(run.state, now);
  }
  publish();
  for (const auto& [id, run] : runs_) ask_for_index(*run);
  for (const RunPtr& run : removed_) {
    run->removed = true;
    if (run->attempt) cancelled_.push_back(run->attempt->cancel);
    for (const HeldPtr& held : {run->active, run->previous}) {
      if (held) discard(run->id, *held);
    }
    run->active = run->previous = nullptr;
    run->handles.reset();
    for (auto& done : run->waiting) {
      outbox_.push_back([done = std::move(done), id = run->id] {
        done({.dataset = id,
              .status = Outcome::failed,
              .snapshot_id = {},
              .error = "the dataset was removed",
              .findings = {},
              .duration_ms = 0});
      });
    }
    run->waiting.clear();
    metrics_.remove("dataset", run->id);
    remove_kept(run->id);
  }
  removed_.clear();
}

}  // namespace offloader::refresh
