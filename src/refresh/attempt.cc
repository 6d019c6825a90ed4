#include <algorithm>
#include <iterator>
#include <utility>

#include "offloader/base/url_text.h"
#include "refresher_impl.h"

namespace offloader::refresh {
namespace {

// When a suspect that found another one building asks again.
constexpr std::chrono::seconds kSuspectTurn{1};

}  // namespace

void Refresher::Impl::begin_attempt(const RunPtr& run) {
  on_resolve_begun(run->state);
  run->served.insert(run->served.end(), std::make_move_iterator(run->waiting.begin()),
                     std::make_move_iterator(run->waiting.end()));
  run->waiting.clear();
  auto attempt = std::make_shared<Attempt>();
  attempt->catalog = desired_;
  attempt->dataset = &desired_->datasets.find(run->id)->second;
  attempt->use = contract_use(*desired_, *attempt->dataset);
  attempt->source = source_of(*desired_, *attempt->dataset);
  attempt->begun = clock_.steady_now();
  attempt->asked_by = std::exchange(run->asked_by, std::string());
  run->attempt = attempt;
  asking_.submit({.origin = attempt->source->origin(),
                  .suspected = run->suspected,
                  .ask = [this, run, attempt] { guarded(&Impl::ask, run, attempt); }});
}

std::unique_ptr<const sources::SnapshotSource> Refresher::Impl::source_of(
    const catalog::Catalog& catalog, const catalog::Dataset& dataset) const {
  return sources::make_source(dataset, {.allowed_origins = catalog.allowed_origins,
                                        .base = source_->base(),
                                        .base_remote = source_->remote(),
                                        .store = store_});
}

void Refresher::Impl::ask(const RunPtr& run, const AttemptPtr& attempt) {
  recall_remote(run, attempt);
  attempt->resolved = attempt->source->resolve(attempt->cancel.get());
  if (!choose(run, attempt)) return;
  attempt->source->check_files(attempt->resolved);
  if (attempt->resolved.kind == sources::Resolved::Kind::rejected) {
    return end(run, attempt,
               {.outcome = Outcome::rejected, .error = {}, .findings = attempt->resolved.findings});
  }
  if (!attempt->build_local) return materialize(run, attempt);
  {
    const MutexLock lock(state_mutex_);
    queue_.emplace_back(run, attempt);
  }
  queue_changed_.notify_one();
}

bool Refresher::Impl::choose(const RunPtr& run, const AttemptPtr& attempt) {
  const sources::Resolved& resolved = attempt->resolved;
  const MutexLock lock(state_mutex_);
  if (superseded(*run, *attempt)) return put_off(run, attempt), false;
  if (resolved.kind == sources::Resolved::Kind::failed) {
    run->source_reachable = false;
    end_locked(run, attempt, {.outcome = Outcome::failed, .error = resolved.error.message, .findings = {}});
    log_.debug("a source cannot be read", {{"dataset", run->id}, {"detail", resolved.error.detail}});
    return false;
  }
  run->source_reachable = true;
  const auto settle = [&](std::string reason) OFFLOADER_REQUIRES(state_mutex_) {
    Outcome outcome = Outcome::unchanged;
    if (attempt->recall_error) {
      // Nothing else is to come, so what can be tried again is.
      if (attempt->recall_error->code != ErrorCode::changed) outcome = Outcome::failed;
      reason = attempt->recall_error->message;
      log_.debug("remote files cannot be opened again",
                 {{"dataset", run->id}, {"detail", attempt->recall_error->detail}});
    }
    end_locked(run, attempt, {.outcome = outcome, .error = std::move(reason), .findings = {}});
    return false;
  };
  if (resolved.kind == sources::Resolved::Kind::nothing) return settle(resolved.reason);
  const Action action = decide(run->policy, run->state, &resolved.candidate, clock_.steady_now());
  if (action.kind == Action::Kind::settle) {
    const bool serves = resolved.candidate.snapshot_id == run->state.active;
    return settle(serves ? std::string() : action.reason);
  }
  if (action.kind == Action::Kind::pass) {
    on_passed(run->state, run->policy, clock_.steady_now());
    over(run, attempt);
    return false;
  }
  if (action.kind == Action::Kind::report_death) {
    run->state.died.reported = true;
    end_locked(run, attempt, ending_of_death(run->state.died, resolved.files));
    return false;
  }
  if (resolved.kind == sources::Resolved::Kind::rejected) {
    end_locked(run, attempt, {.outcome = Outcome::rejected, .error = {}, .findings = resolved.findings});
    return false;
  }
  if (!take_suspect_turn(run, attempt)) return false;
  attempt->build_local = attempt->use.local;
  const HeldPtr& active = run->active;
  if (attempt->use.local && attempt->use.remote && !run->state.forced && active && active->local &&
      !active->remote && active->record.snapshot_id == resolved.candidate.snapshot_id &&
      active->contract == contract_checksum(*attempt->dataset)) {
    attempt->build_local = false;
    attempt->local_already = active->local;
    attempt->local_record = active->record;
  }
  on_queued(run->state);
  return true;
}

bool Refresher::Impl::take_suspect_turn(const RunPtr& run, const AttemptPtr& attempt) {
  const std::string& tag = attempt->resolved.candidate.tag;
  attempt->suspect = !tag.empty() && tag == run->state.died.tag;
  if (!attempt->suspect) return true;
  if (!run->state.forced && !suspect_.empty() && suspect_ != run->id) {
    on_passed(run->state, run->policy, clock_.steady_now());
    run->state.next_attempt = clock_.steady_now() + kSuspectTurn;
    over(run, attempt);
    return false;
  }
  suspect_ = run->id;
  return true;
}

void Refresher::Impl::end(const RunPtr& run, const AttemptPtr& attempt, Ending ending) {
  const MutexLock lock(state_mutex_);
  if (superseded(*run, *attempt)) return put_off(run, attempt);
  end_locked(run, attempt, std::move(ending));
}

void Refresher::Impl::end_locked(const RunPtr& run, const AttemptPtr& attempt, Ending ending) {
  const SteadyTime now = clock_.steady_now();
  on_attempt_ended(run->state, run->policy, ending.outcome, attempt->resolved.candidate.tag, now,
                   options_.jitter());
  const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(now - attempt->begun).count();
  ending.findings = catalog::bounded(std::move(ending.findings));
  if (ending.outcome == Outcome::rejected && (ending.error.empty() || !ending.findings.empty()))
    ending.error = summary_of(ending.findings);
  // Messages may quote the address of a file, and a presigned one is a credential.
  ending.error = without_url_queries(ending.error);
  for (catalog::Finding& finding : ending.findings) {
    finding.file = without_query(finding.file);
    finding.message = without_url_queries(finding.message);
  }
  run->last_attempted = AttemptStatus{.snapshot_id = attempt->resolved.candidate.snapshot_id,
                                      .status = ending.outcome,
                                      .at = clock_.now(),
                                      .duration_ms = taken};
  run->refresh_error = ending.error;
  run->findings = ending.findings;
  run->refresh_ok = ending.outcome == Outcome::ok || ending.outcome == Outcome::unchanged;
  if (run->refresh_ok) run->last_success = clock_.now();
  if (ending.outcome == Outcome::rejected) run->manifest_valid = false;
  if (run->refresh_ok) run->manifest_valid = true;
  if (!run->removed) {
    metrics_
        .counter("offloader_refresh_total", "Refreshes by outcome.",
                 {{"dataset", run->id}, {"outcome", name_of(ending.outcome)}})
        .add();
    run->handles->duration.observe(static_cast<double>(taken) / 1000);
    const bool quiet = ending.outcome == Outcome::unchanged && attempt->asked_by.empty();
    const auto level = quiet                                  ? telemetry::Level::debug
                       : ending.outcome == Outcome::unchanged ? telemetry::Level::info
                       : ending.outcome == Outcome::ok        ? telemetry::Level::info
                                                              : telemetry::Level::warning;
    log_.write(level, "refresh",
               {{"dataset", run->id},
                {"outcome", name_of(ending.outcome)},
                {"snapshot", attempt->resolved.candidate.snapshot_id},
                {"duration_ms", taken},
                // Messages of findings may quote values of the data, which no log may hold.
                {"error",
                 ending.error.empty() || ending.findings.empty() ? ending.error : codes_of(ending.findings)},
                {"request_id", attempt->asked_by}});
  }
  // A reload may have changed the endpoints during the build; and a failed index is tried again in time.
  ask_for_index(*run);
  over(run, attempt);
}

void Refresher::Impl::over(const RunPtr& run, const AttemptPtr& attempt) {
  run->attempt = nullptr;
  if (suspect_ == run->id) suspect_.clear();
  RefreshReport report{.dataset = run->id,
                       .status = run->last_attempted ? run->last_attempted->status : Outcome::unchanged,
                       .snapshot_id = attempt->resolved.candidate.snapshot_id,
                       .error = run->refresh_error,
                       .findings = run->findings,
                       .duration_ms = run->last_attempted ? run->last_attempted->duration_ms : 0};
  for (auto& done : run->served) {
    outbox_.push_back([done = std::move(done), report] { done(report); });
  }
  run->served.clear();
  woken_ = true;
  changed_.notify_all();
}

void Refresher::Impl::put_off(const RunPtr& run, const AttemptPtr& attempt) {
  run->attempt = nullptr;
  if (suspect_ == run->id) suspect_.clear();
  run->state.phase = Phase::idle;
  if (run->removed) {
    for (auto& done : run->served) {
      outbox_.push_back(
          [done = std::move(done), id = run->id, snapshot = attempt->resolved.candidate.snapshot_id] {
            done({.dataset = id,
                  .status = Outcome::failed,
                  .snapshot_id = snapshot,
                  .error = "the dataset was removed",
                  .findings = {},
                  .duration_ms = 0});
          });
    }
    run->served.clear();
  } else {
    run->state.forced_waiting = run->state.forced_waiting || run->state.forced;
    if (run->asked_by.empty()) run->asked_by = attempt->asked_by;
    run->state.next_attempt = clock_.steady_now();
    run->waiting.insert(run->waiting.end(), std::make_move_iterator(run->served.begin()),
                        std::make_move_iterator(run->served.end()));
    run->served.clear();
  }
  run->state.forced = false;
  woken_ = true;
  changed_.notify_all();
}

bool Refresher::Impl::superseded(const Run& run, const Attempt& attempt) const {
  if (run.removed || stopping_) return true;
  const auto found = desired_->datasets.find(run.id);
  if (found == desired_->datasets.end()) return true;
  if (attempt.catalog == desired_) return false;
  const ContractUse use = contract_use(*desired_, found->second);
  return found->second.origin != attempt.dataset->origin || use.local != attempt.use.local ||
         use.remote != attempt.use.remote ||
         contract_checksum(found->second) != contract_checksum(*attempt.dataset);
}

}  // namespace offloader::refresh
