#include <exception>
#include <utility>

#include "dataset_actor.h"

// Changes of what serves. Each function computes the next state under the lock, writes it to the disk and
// publishes it in its turn without the lock, and only then makes it the dataset's state. So whatever status()
// shows is already served.
namespace offloader::refresh {
namespace {

// Delay before retrying a swap that could not be recorded on the disk.
constexpr std::chrono::seconds kSwapRetry{30};

}  // namespace

void DatasetActor::activate(const AttemptPtr& attempt, HeldPtr held) {
  const Turn turn(shared_from_this());
  const bool completes = attempt->local_already != nullptr;  // adds remote files to what serves
  const auto holds_local = [&](const HeldPtr& one) { return one && one->local == held->local; };
  const std::string& snapshot = held->record.snapshot_id;
  HeldPtr old_active;
  HeldPtr old_previous;
  State next;
  ContractPtr contract;
  std::vector<snapshot_cache::SnapshotRecord> unopened;
  bool wanted = true;
  bool forgotten = false;
  {
    const MutexLock lock(state_mutex_);
    old_active = active_;
    old_previous = previous_;
    next = state_;
    contract = contract_;
    unopened = unopened_;
    if (completes && !holds_local(active_)) {
      // The local part was found damaged while its remote files were opened, or it no longer serves. If
      // nothing holds the local part any more, the record written with the remote files refers to no file.
      wanted = false;
      forgotten = !holds_local(previous_);
    } else {
      wanted = !superseded(*attempt) && still_wanted(contract_->policy, state_, snapshot);
    }
    if (!wanted) put_off(attempt);
  }
  if (!wanted) {
    if (forgotten) context_.folder.forget(id_, held->record);
    if (!completes) discard(context_, id_, *held);
    return;
  }
  const bool again = !old_active || old_active->record.snapshot_id == snapshot;
  const HeldPtr& kept = again ? old_previous : old_active;
  const bool keep = kept && (again || kept->opened()) && kept->contract == held->contract &&
                    kept->record.snapshot_id != snapshot;
  const HeldPtr previous = completes ? old_previous : keep ? kept : nullptr;
  if (!completes) {
    on_activated(next, snapshot, keep);
    if (auto written = write_marks(held, previous, next.quarantined); !written) {
      discard(context_, id_, *held);
      return end(attempt, {.outcome = Outcome::failed, .error = written.error().message, .findings = {}});
    }
  }
  const auto let_go_of_the_others = [&] {
    for (const auto& record : unopened) remove_snapshot(context_, id_, record);
    for (const HeldPtr& old : {old_active, old_previous}) {
      if (old && old != previous) discard(context_, id_, *old);
    }
  };
  const auto escaped = publish_then(
      offer_of(held, previous, next.quarantined, *contract, true),
      [&](bool published) OFFLOADER_REQUIRES(state_mutex_) {
        if (completes) {
          state_.incomplete = false;
        } else {
          on_activated(state_, snapshot, keep);
          unopened_.clear();
        }
        active_ = held;
        previous_ = previous;
        announced_ = true;
        if (!published) return;
        context_.log.info("A snapshot was activated.", {{"dataset", id_},
                                                        {"snapshot", snapshot},
                                                        {"previous", next.previous},
                                                        {"rows", held->record.rows},
                                                        {"request_id", attempt->asked_by}});
        end_locked(attempt, {.outcome = Outcome::ok, .error = {}, .findings = attempt->resolved.findings});
      },
      completes ? std::function<void()>() : let_go_of_the_others);
  if (escaped) std::rethrow_exception(escaped);
}

Result<RollbackReport> DatasetActor::swap_to_previous(const Turn&, bool quarantine) {
  HeldPtr active;
  HeldPtr previous;
  ContractPtr contract;
  State next;
  {
    const MutexLock lock(state_mutex_);
    active = active_;
    previous = previous_;
    contract = contract_;
    next = state_;
  }
  if (!on_rollback(next, quarantine))
    return fail(ErrorCode::conflict, "there is no previous snapshot to roll back to");
  RollbackReport report{.dataset = id_,
                        .active_snapshot = next.active,
                        .previous_snapshot = next.previous,
                        .quarantined_snapshot_id = next.quarantined};
  const std::function<void(bool)> commit = [&](bool) OFFLOADER_REQUIRES(state_mutex_) {
    state_.active.swap(next.active);
    state_.previous.swap(next.previous);
    state_.quarantined.swap(next.quarantined);
    active_.swap(previous_);
    // A restart may have left its remote files closed; the next attempt opens them.
    state_.incomplete = !active_->completes(*contract);
    if (state_.incomplete) state_.next_attempt = context_.clock.steady_now();
    index_follows_ = false;  // a reload may have changed the endpoints since it last served
  };
  if (auto written = write_marks(previous, active, next.quarantined); !written) return fail(written.error());
  // Nothing below throws, not even for lack of memory: the swap is recorded on the disk.
  log_unpublished(publish_then(offer_of(previous, active, next.quarantined, *contract, true), commit));
  return report;
}

// Goes back to the previous snapshot because the project no longer wants the serving one.
void DatasetActor::swap_unwanted() noexcept {
  const EscapeReport report = [this](std::string_view what) {
    context_.log.error("Switching back to the previous snapshot failed.",
                       {{"dataset", id_}, {"detail", what}});
  };
  run_guarded(report, [&] {
    const Turn turn(shared_from_this());
    {
      const MutexLock lock(state_mutex_);
      const SteadyTime now = context_.clock.steady_now();
      if (removed_ || decide(contract_->policy, state_, nullptr, now).kind != Action::Kind::swap_to_previous)
        return;
      swap_again_at_ = now + kSwapRetry;
    }
    context_.log.warning(
        "The serving snapshot is skipped, or the previous one is pinned. Switching back to the previous one.",
        {{"dataset", id_}});
    if (const auto swapped = swap_to_previous(turn, false); !swapped) {
      context_.log.error(
          "Cannot switch back to the previous snapshot, because the switch cannot be recorded in the cache "
          "folder. Retrying in 30 seconds.",
          {{"dataset", id_}, {"detail", swapped.error().message}});
      return;
    }
    const MutexLock lock(state_mutex_);
    swap_again_at_.reset();
    context_.log.info("The previous snapshot is serving again.",
                      {{"dataset", id_}, {"snapshot", state_.active}});
  });
  {
    const MutexLock lock(state_mutex_);
    swapping_ = false;
  }
  follow_up();
}

Result<RollbackReport> DatasetActor::rollback(bool force, const std::string& asked_by) {
  RollbackReport report;
  {
    const Turn turn(shared_from_this());
    {
      const MutexLock lock(state_mutex_);
      if (removed_) return fail(ErrorCode::not_found, "no such dataset");
      if (previous_ && !previous_->opened()) {
        return fail(ErrorCode::conflict,
                    "the previous snapshot's remote files have not been reopened since the server started: "
                    "the next refresh tries again");
      }
      if (std::string conflict = rollback_conflict(contract_->policy, state_, force); !conflict.empty())
        return fail(ErrorCode::conflict, std::move(conflict));
    }
    auto swapped = swap_to_previous(turn, true);
    if (!swapped) return swapped;
    report = std::move(*swapped);
  }
  run_guarded({}, [&] {
    context_.log.info("A dataset was rolled back.", {{"dataset", id_},
                                                     {"snapshot", report.active_snapshot},
                                                     {"previous", report.previous_snapshot},
                                                     {"quarantined", report.quarantined_snapshot_id},
                                                     {"forced", force},
                                                     {"request_id", asked_by}});
  });
  follow_up();
  return report;
}

void DatasetActor::report_corrupt(std::uint64_t snapshot) {
  {
    const Turn turn(shared_from_this());
    HeldPtr damaged;
    HeldPtr active;
    HeldPtr previous;
    ContractPtr contract;
    bool announced = false;
    bool serves = false;  // whether the damaged snapshot serves
    State next;
    {
      const MutexLock lock(state_mutex_);
      const auto is_it = [&](const HeldPtr& held) {
        return held && held->local && held->local->data->id() == snapshot;
      };
      serves = is_it(active_);
      // Otherwise it was reported before, or has been replaced.
      if (removed_ || (!serves && !is_it(previous_))) return;
      active = active_;
      previous = previous_;
      contract = contract_;
      announced = announced_;
      next = state_;
    }
    if (serves) {
      damaged = active;
      context_.log.error("A snapshot file is damaged. Setting it aside and rebuilding the snapshot.",
                         {{"dataset", id_}, {"snapshot", damaged->record.snapshot_id}});
      const bool falls_back = previous_can_serve(contract->policy, next) && previous->opened();
      active = falls_back ? std::exchange(previous, nullptr) : nullptr;
      on_corrupt(next, contract->policy, context_.clock.steady_now());
      context_.log.info(
          falls_back ? "The previous snapshot is serving again." : "The dataset has no snapshot to serve.",
          {{"dataset", id_}, {"snapshot", next.active}});
    } else {
      damaged = std::exchange(previous, nullptr);
    }
    if (damaged->on_disk && damaged->record.loaded())
      context_.executor.set_aside(id_, damaged->record.handle);
    discard(context_, id_, *damaged);
    if (auto written = write_marks(active, previous, next.quarantined); !written) {
      // A restart can do without this record: the damaged file no longer has its name. The next activation
      // writes marks of its own, or fails.
      context_.log.error(
          "Cannot record the serving snapshot in the cache folder.",
          {{"dataset", id_}, {"error", written.error().message}, {"detail", written.error().detail}});
    }
    const auto commit = [&](bool) OFFLOADER_REQUIRES(state_mutex_) {
      active_ = active;
      previous_ = previous;
      if (serves) {
        on_corrupt(state_, contract->policy, context_.clock.steady_now());
      } else {
        state_.previous.clear();
      }
      index_follows_ = false;
    };
    log_unpublished(publish_then(offer_of(active, previous, next.quarantined, *contract, announced), commit));
  }
  follow_up();
}

Result<void> DatasetActor::write_marks(const HeldPtr& active, const HeldPtr& previous,
                                       const std::string& quarantined) const {
  const auto build_of = [](const HeldPtr& held) {
    return held && held->on_disk ? held->record.build : std::string();
  };
  return context_.folder.write_marks(
      id_, {.active = build_of(active), .previous = build_of(previous), .quarantined = quarantined});
}

std::exception_ptr DatasetActor::publish_then(Offer offer, const std::function<void(bool published)>& commit,
                                              const std::function<void()>& clean_up) {
  std::exception_ptr escaped;
  try {
    context_.publisher.offer(id_, std::move(offer));
  } catch (...) {
    escaped = std::current_exception();  // the publisher kept the offer and publishes it later
  }
  if (!escaped && clean_up) clean_up();
  {
    const MutexLock lock(state_mutex_);
    commit(!escaped);
  }
  return escaped;
}

void DatasetActor::log_unpublished(const std::exception_ptr& escaped) noexcept {
  if (!escaped) return;
  const EscapeReport report = [this](std::string_view what) {
    context_.log.error("A change of the serving snapshot was recorded, but not published. Retrying.",
                       {{"dataset", id_}, {"detail", what}});
  };
  run_guarded(report, [&] { std::rethrow_exception(escaped); });
}

Offer DatasetActor::offer() const {
  const MutexLock lock(state_mutex_);
  return offer_of(active_, previous_, state_.quarantined, *contract_, announced_);
}

Offer DatasetActor::offer_of(const HeldPtr& active, const HeldPtr& previous, const std::string& quarantined,
                             const Contract& contract, bool announced) {
  if (!active) return {.fit = announced ? Fit::ready : Fit::unknown, .snapshots = {}};
  Offer offer{.fit = active->completes(contract) ? Fit::ready : Fit::behind,
              .snapshots = {.local = active->local, .remote = active->remote}};
  if (previous && previous->contract == active->contract && previous->record.snapshot_id != quarantined &&
      !contract.policy.skipped(previous->record.snapshot_id)) {
    offer.snapshots.previous_local = previous->local;
    offer.snapshots.previous_remote = previous->remote;
  }
  return offer;
}

// Requests a new index for the serving snapshot if the endpoints need another layout than it has.
void DatasetActor::ask_for_index() const {
  HeldPtr active;
  ContractPtr contract;
  {
    const MutexLock lock(state_mutex_);
    active = active_;
    contract = contract_;
  }
  // While the snapshot serves an older contract, its endpoints are the older ones too.
  if (!active || !active->local || active->contract != contract->checksum || !contract->use.local) return;
  context_.executor.want_layout(active->local->data, *contract->dataset,
                                {contract->use.sort_columns, contract->use.indexed_columns});
}

void DatasetActor::warn_of_unwanted() {
  std::string concern = unwanted_but_serving(contract_->policy, state_);
  if (concern == concern_) return;
  concern_ = std::move(concern);
  if (concern_.empty()) return;
  context_.log.warning("Serving a snapshot that the project skips.",
                       {{"dataset", id_}, {"snapshot", state_.active}, {"reason", concern_}});
}

}  // namespace offloader::refresh
