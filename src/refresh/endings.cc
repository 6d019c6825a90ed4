#include <iterator>
#include <utility>

#include "dataset_actor.h"

// The ends of an attempt.
namespace offloader::refresh {

void DatasetActor::end(const AttemptPtr& attempt, Ending ending) {
  const MutexLock lock(state_mutex_);
  if (attempt_ != attempt) return;
  if (superseded(*attempt)) return put_off(attempt);
  end_locked(attempt, std::move(ending));
}

void DatasetActor::end_locked(const AttemptPtr& attempt, Ending ending) {
  const SteadyTime now = context_.clock.steady_now();
  on_attempt_ended(state_, contract_->policy, ending.outcome, attempt->resolved.candidate.tag, now,
                   context_.options.jitter());
  const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(now - attempt->begun).count();
  ending = presentable(std::move(ending));
  last_attempted_ = AttemptStatus{.snapshot_id = attempt->resolved.candidate.snapshot_id,
                                  .status = ending.outcome,
                                  .at = context_.clock.now(),
                                  .duration_ms = taken};
  refresh_error_ = ending.error;
  findings_ = ending.findings;
  refresh_ok_ = ending.outcome == Outcome::ok || ending.outcome == Outcome::unchanged;
  if (refresh_ok_) last_success_ = context_.clock.now();
  if (ending.outcome == Outcome::rejected) manifest_valid_ = false;
  if (refresh_ok_) manifest_valid_ = true;
  if (!removed_) {
    context_.metrics
        .counter("offloader_refresh_total", "Refreshes by outcome.",
                 {{"dataset", id_}, {"outcome", name_of(ending.outcome)}})
        .add();
    gauges_->duration.observe(static_cast<double>(taken) / 1000);
    const bool quiet = ending.outcome == Outcome::unchanged && attempt->asked_by.empty();
    const auto level = quiet                                  ? telemetry::Level::debug
                       : ending.outcome == Outcome::unchanged ? telemetry::Level::info
                       : ending.outcome == Outcome::ok        ? telemetry::Level::info
                                                              : telemetry::Level::warning;
    context_.log.write(
        level, "refresh",
        {{"dataset", id_},
         {"outcome", name_of(ending.outcome)},
         {"snapshot", attempt->resolved.candidate.snapshot_id},
         {"duration_ms", taken},
         // Messages of findings may quote values of the data, which must not be logged.
         {"error",
          ending.error.empty() || ending.findings.empty() ? ending.error : codes_of(ending.findings)},
         {"request_id", attempt->asked_by}});
  }
  // A reload may have changed the endpoints during the build. This also retries a failed index.
  index_follows_ = false;
  over(attempt);
}

void DatasetActor::over(const AttemptPtr& attempt) {
  attempt_ = nullptr;
  context_.suspects.leave(id_);
  owe(served_, {.dataset = id_,
                .status = last_attempted_ ? last_attempted_->status : Outcome::unchanged,
                .snapshot_id = attempt->resolved.candidate.snapshot_id,
                .error = refresh_error_,
                .findings = findings_,
                .duration_ms = last_attempted_ ? last_attempted_->duration_ms : 0});
}

void DatasetActor::put_off(const AttemptPtr& attempt) {
  attempt_ = nullptr;
  context_.suspects.leave(id_);
  state_.phase = Phase::idle;
  if (!removed_) {
    state_.forced_waiting = state_.forced_waiting || state_.forced;
    if (asked_by_.empty()) asked_by_ = attempt->asked_by;
    state_.next_attempt = context_.clock.steady_now();
    waiting_.insert(waiting_.end(), std::make_move_iterator(served_.begin()),
                    std::make_move_iterator(served_.end()));
    served_.clear();
  }
  state_.forced = false;
}

bool DatasetActor::superseded(const Attempt& attempt) const {
  return removed_ || stopping_ || supersedes(*contract_, *attempt.contract);
}

}  // namespace offloader::refresh
