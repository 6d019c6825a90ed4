#include <utility>

#include "effective_catalog.h"

#include "refresher_impl.h"

namespace offloader::refresh {

void Refresher::Impl::activate(const RunPtr& run, const AttemptPtr& attempt, HeldPtr held) {
  const MutexLock lock(state_mutex_);
  const auto holds_local = [&](const HeldPtr& one) { return one && one->local == attempt->local_already; };
  if (attempt->local_already && !holds_local(run->active)) {
    // It was found damaged while its remote files were opened, or is no longer what serves. The record that
    // was written with the remote files is of no file where nobody holds it.
    if (!holds_local(run->previous)) folder_.forget(run->id, held->record);
    return put_off(run, attempt);
  }
  if (superseded(*run, *attempt) || !still_wanted(run->policy, run->state, held->record.snapshot_id)) {
    if (!attempt->local_already) discard(run->id, *held);
    return put_off(run, attempt);
  }
  const HeldPtr old_active = run->active;
  const HeldPtr old_previous = run->previous;
  const State before = run->state;
  if (attempt->local_already) {
    run->active = held;  // the same snapshot, completed
    run->state.incomplete = false;
  } else {
    const bool again = !old_active || old_active->record.snapshot_id == held->record.snapshot_id;
    const HeldPtr& kept = again ? old_previous : old_active;
    const bool keep = kept && (again || kept->opened()) && kept->contract == held->contract &&
                      kept->record.snapshot_id != held->record.snapshot_id;
    on_activated(run->state, held->record.snapshot_id, keep);
    run->active = held;
    run->previous = keep ? kept : nullptr;
    if (auto written = write_marks(*run); !written) {
      run->active = old_active;
      run->previous = old_previous;
      run->state = before;
      discard(run->id, *held);
      return end_locked(run, attempt,
                        {.outcome = Outcome::failed, .error = written.error().message, .findings = {}});
    }
  }
  if (!attempt->local_already) {
    for (const SnapshotRecord& record : std::exchange(run->unopened, {})) remove_snapshot(run->id, record);
  }
  run->announced = true;
  publish();
  log_.info("A snapshot was activated.", {{"dataset", run->id},
                                          {"snapshot", run->state.active},
                                          {"previous", run->state.previous},
                                          {"rows", held->record.rows},
                                          {"request_id", attempt->asked_by}});
  if (!attempt->local_already) {
    for (const HeldPtr& old : {old_active, old_previous}) {
      if (old && old != run->previous) discard(run->id, *old);
    }
  }
  end_locked(run, attempt, {.outcome = Outcome::ok, .error = {}, .findings = attempt->resolved.findings});
}

void Refresher::Impl::discard(const std::string& id, const Held& held) {
  if (held.on_disk) folder_.forget(id, held.record);
  if (held.local) held.local->data->retire();
  if (held.remote) held.remote->data->retire();
}

void Refresher::Impl::remove_snapshot(const std::string& id, const SnapshotRecord& record) {
  folder_.forget(id, record);
  if (record.loaded()) executor_.drop(id, record.handle);
}

void Refresher::Impl::remove_kept(const std::string& id) {
  (void)executor_.recover(id, {});
  folder_.remove_dataset(id);
}

Result<void> Refresher::Impl::write_marks(const Run& run) const {
  const auto build_of = [](const HeldPtr& held) {
    return held && held->on_disk ? held->record.build : std::string();
  };
  return folder_.write_marks(run.id, {.active = build_of(run.active),
                                      .previous = build_of(run.previous),
                                      .quarantined = run.state.quarantined});
}

Result<void> Refresher::Impl::swap_to_previous(Run& run, bool quarantine) {
  const State before = run.state;
  if (!on_rollback(run.state, quarantine))
    return fail(ErrorCode::conflict, "there is no previous snapshot to go back to");
  run.active.swap(run.previous);
  if (auto written = write_marks(run); !written) {
    run.active.swap(run.previous);
    run.state = before;
    return written;
  }
  // A restart may have left its remote files closed: the next attempt opens them.
  run.state.incomplete = !complete(*run.active, desired_->datasets.find(run.id)->second);
  if (run.state.incomplete) run.state.next_attempt = clock_.steady_now();
  publish();
  ask_for_index(run);  // a reload may have changed the endpoints since it served last
  wake_loop();
  return {};
}

void Refresher::Impl::set_aside(const Run& run, const HeldPtr& held) {
  if (held->on_disk && held->record.loaded()) executor_.set_aside(run.id, held->record.handle);
  discard(run.id, *held);
}

bool Refresher::Impl::complete(const Held& held, const catalog::Dataset& dataset) const {
  const ServingModes use = serving_modes(*desired_, dataset);
  return held.contract == contract_checksum(dataset) && (!use.local || held.local) &&
         (!use.remote || held.remote);
}

void Refresher::Impl::publish() {
  publish_again_ = true;
  try {
    publish_state();
  } catch (...) {
    wake_loop();  // which publishes again
    throw;
  }
  publish_again_ = false;
}

void Refresher::Impl::publish_state() {
  const auto latest = publication_.latest();
  const auto fit = [this](const std::string& id) OFFLOADER_REQUIRES(state_mutex_) {
    const Run& run = *runs_.find(id)->second;
    if (!run.active) return run.announced ? Fit::ready : Fit::unknown;
    return complete(*run.active, desired_->datasets.find(id)->second) ? Fit::ready : Fit::behind;
  };
  std::map<std::string, serving::DatasetSnapshots, std::less<>> snapshots;
  for (const auto& [id, run] : runs_) {
    if (run->active) snapshots[id] = {.local = run->active->local, .remote = run->active->remote};
  }
  publication_.publish(serving::make_generation(effective_catalog(desired_, latest->catalog.get(), fit),
                                                std::move(snapshots), latest.get()));
}

void Refresher::Impl::ask_for_index(const Run& run) const {
  if (!run.active || !run.active->local) return;
  const catalog::Dataset& dataset = desired_->datasets.find(run.id)->second;
  // While the snapshot serves an older contract, its endpoints are the older ones, too.
  if (run.active->contract != contract_checksum(dataset)) return;
  ContractUse use = contract_use(*desired_, dataset);
  if (!use.local) return;
  executor_.want_layout(run.active->local->data, dataset,
                        {std::move(use.sort_columns), std::move(use.indexed_columns)});
}

Result<RollbackReport> Refresher::Impl::rollback(const std::string& dataset, bool force,
                                                 const std::string& asked_by) {
  const MutexLock lock(state_mutex_);
  const auto found = runs_.find(dataset);
  if (found == runs_.end()) return fail(ErrorCode::not_found, "no such dataset");
  Run& run = *found->second;
  if (run.previous && !run.previous->opened()) {
    return fail(ErrorCode::conflict,
                "the previous snapshot's remote files could not be opened again since the server started");
  }
  if (std::string conflict = rollback_conflict(run.policy, run.state, force); !conflict.empty())
    return fail(ErrorCode::conflict, std::move(conflict));
  if (auto swapped = swap_to_previous(run, true); !swapped) return fail(swapped.error());
  log_.info("A dataset was rolled back.", {{"dataset", dataset},
                                           {"snapshot", run.state.active},
                                           {"previous", run.state.previous},
                                           {"quarantined", run.state.quarantined},
                                           {"forced", force},
                                           {"request_id", asked_by}});
  return RollbackReport{.dataset = dataset,
                        .active_snapshot = run.state.active,
                        .previous_snapshot = run.state.previous,
                        .quarantined_snapshot_id = run.state.quarantined};
}

void Refresher::Impl::report_corrupt(const std::string& dataset, std::uint64_t snapshot) {
  {
    const MutexLock lock(state_mutex_);
    const auto found = runs_.find(dataset);
    if (found == runs_.end()) return;
    Run& run = *found->second;
    const auto is_it = [&](const HeldPtr& held) {
      return held && held->local && held->local->data->id() == snapshot;
    };
    if (is_it(run.active)) {
      log_.error("a snapshot file is damaged: it is set aside and built again",
                 {{"dataset", dataset}, {"snapshot", run.active->record.snapshot_id}});
      set_aside(run, run.active);
      const bool falls_back = previous_can_serve(run.policy, run.state) && run.previous->opened();
      run.active = falls_back ? std::exchange(run.previous, nullptr) : nullptr;
      on_corrupt(run.state, run.policy, clock_.steady_now());
      log_.info(falls_back ? "The previous snapshot serves." : "No snapshot of the dataset serves.",
                {{"dataset", dataset}, {"snapshot", run.state.active}});
    } else if (is_it(run.previous)) {
      set_aside(run, run.previous);
      run.previous = nullptr;
      run.state.previous.clear();
    } else {
      return;  // reported before
    }
    if (auto written = write_marks(run); !written) {
      // A restart finds its way without: the damaged file is no longer under its name. The next snapshot is
      // remembered, or refused, with marks of its own.
      log_.error(
          "the cache folder takes no record of what serves now",
          {{"dataset", dataset}, {"error", written.error().message}, {"detail", written.error().detail}});
    }
    publish();
    ask_for_index(run);
  }
  wake();
}

}  // namespace offloader::refresh
