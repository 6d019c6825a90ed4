#include "offloader/refresh/decision.h"

#include <algorithm>
#include <utility>

namespace offloader::refresh {
namespace {

using Kind = Action::Kind;

std::optional<SteadyTime> after_interval(const Policy& policy, SteadyTime now) {
  if (policy.interval.count() == 0) return std::nullopt;
  return now + policy.interval;
}

bool wants_previous(const Policy& policy, const State& state) {
  if (state.previous.empty() || state.previous == state.active) return false;
  if (policy.skipped(state.previous) || state.previous == state.quarantined) return false;
  if (policy.skipped(state.active)) return true;
  return !policy.pin.empty() && state.previous == policy.pin;
}

// An empty id means "none", so two empty ids are not the same snapshot.
bool same_id(const std::string& a, const std::string& b) {
  return !a.empty() && a == b;
}

Action action(Kind kind, std::string reason = {}) {
  return {.kind = kind, .until = {}, .reason = std::move(reason)};
}

// Decides by the snapshot's id, from the project's settings and rollbacks; `build` if nothing rules it out.
Action decide_id(const Policy& policy, const State& state, const std::string& id) {
  if (policy.skipped(id)) return action(Kind::settle, "the snapshot is listed in skip_snapshots");
  if (!policy.pin.empty() && id != policy.pin)
    return action(Kind::settle, "another snapshot is pinned by pin_snapshot");
  if (state.forced) return action(Kind::build);
  if (same_id(id, state.quarantined))
    return action(Kind::settle, "the snapshot is quarantined by a rollback");
  if (same_id(id, state.active) && !state.incomplete)
    return action(Kind::settle, "the snapshot is already serving");
  return action(Kind::build);
}

Action decide_candidate(const Policy& policy, const State& state, const Candidate& candidate,
                        SteadyTime now) {
  if (!candidate.snapshot_id.empty()) {
    Action wanted = decide_id(policy, state, candidate.snapshot_id);
    if (wanted.kind != Kind::build) return wanted;
  }
  if (state.forced || candidate.tag.empty()) return action(Kind::build);
  if (candidate.tag == state.rejected_tag) return action(Kind::pass);
  if (waits_after_death(state, candidate.tag, now))
    return action(state.died.reported ? Kind::pass : Kind::report_death);
  return action(Kind::build);
}

// Limits the wait after a first death to its hour, even if the interval is longer or 0.
void wait_at_most_for_death(State& state, const std::string& tag) {
  if (tag.empty() || tag != state.died.tag || state.died.deaths != 1) return;
  state.next_attempt = std::min(state.next_attempt.value_or(state.died.until), state.died.until);
}

}  // namespace

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::unchanged:
      return "unchanged";
    case Outcome::rejected:
      return "rejected";
    case Outcome::failed:
      return "failed";
  }
  return "failed";
}

bool Policy::skipped(const std::string& snapshot_id) const {
  return std::find(skips.begin(), skips.end(), snapshot_id) != skips.end();
}

Action decide(const Policy& policy, const State& state, const Candidate* candidate, SteadyTime now) {
  if (candidate != nullptr) return decide_candidate(policy, state, *candidate, now);
  if (state.phase != Phase::idle) return {};
  if (wants_previous(policy, state)) return {.kind = Kind::swap_to_previous, .until = {}, .reason = {}};
  if (state.forced_waiting) return {.kind = Kind::resolve, .until = {}, .reason = {}};
  if (!state.next_attempt) return {};
  if (*state.next_attempt <= now) return {.kind = Kind::resolve, .until = {}, .reason = {}};
  return {.kind = Kind::wait, .until = state.next_attempt, .reason = {}};
}

bool waits_after_death(const State& state, const std::string& tag, SteadyTime now) {
  const DiedBuild& died = state.died;
  if (state.forced || tag.empty() || tag != died.tag) return false;
  return died.deaths > 1 || (died.deaths == 1 && now < died.until);
}

std::string unwanted_but_serving(const Policy& policy, const State& state) {
  if (state.active.empty() || !policy.skipped(state.active) || wants_previous(policy, state)) return {};
  return "the serving snapshot is listed in skip_snapshots, but there is no previous one to replace it: it "
         "keeps serving until the source offers another";
}

bool still_wanted(const Policy& policy, const State& state, const std::string& snapshot_id) {
  if (policy.skipped(snapshot_id)) return false;
  if (!policy.pin.empty() && snapshot_id != policy.pin) return false;
  return state.forced || !same_id(snapshot_id, state.quarantined);
}

void on_resolve_begun(State& state) {
  state.phase = Phase::resolving;
  state.forced = std::exchange(state.forced_waiting, false);
}

void on_queued(State& state) {
  state.phase = Phase::queued;
}

void on_build_begun(State& state) {
  state.phase = Phase::building;
}

void on_activated(State& state, const std::string& snapshot_id, bool keep_previous) {
  // Without an active snapshot (it was damaged), it is unknown whether this one is newer than the quarantined
  // one.
  const bool again = state.active.empty() || same_id(snapshot_id, state.active);
  if (!again) state.previous = state.active;
  if (!keep_previous || state.previous == snapshot_id) state.previous.clear();
  if (!again || snapshot_id == state.quarantined) state.quarantined.clear();
  state.active = snapshot_id;
  state.incomplete = false;
}

void on_attempt_ended(State& state, const Policy& policy, Outcome outcome, const std::string& tag,
                      SteadyTime now, double jitter) {
  state.phase = Phase::idle;
  state.forced = false;
  if (outcome == Outcome::failed) {
    ++state.failures_in_a_row;
    state.next_attempt = now + backoff(policy.interval, state.failures_in_a_row, jitter);
    wait_at_most_for_death(state, tag);
    return;
  }
  state.failures_in_a_row = 0;
  state.rejected_tag = outcome == Outcome::rejected ? tag : std::string();
  state.next_attempt = after_interval(policy, now);
}

void on_passed(State& state, const Policy& policy, SteadyTime now) {
  state.phase = Phase::idle;
  state.forced = false;
  state.failures_in_a_row = 0;
  state.next_attempt = after_interval(policy, now);
  wait_at_most_for_death(state, state.died.tag);
}

void on_build_survived(State& state, const std::string& tag) {
  if (tag == state.died.tag) state.died = {};
}

std::string rollback_conflict(const Policy& policy, const State& state, bool force) {
  if (!policy.pin.empty() && state.active == policy.pin) {
    return "the serving snapshot " + state.active +
           " is pinned by pin_snapshot: pin another snapshot, or remove the pin";
  }
  if (state.previous.empty()) return "there is no previous snapshot to roll back to";
  if (state.previous == state.active)
    return "the previous snapshot has the same id as the serving one, " + state.active;
  if (policy.skipped(state.previous))
    return "the previous snapshot " + state.previous + " is listed in skip_snapshots";
  if (state.previous == state.quarantined && !force) {
    return "the previous snapshot " + state.previous +
           " is quarantined by an earlier rollback: roll back with `?force=true` (or --force) to serve it "
           "again";
  }
  return {};
}

bool on_rollback(State& state, bool quarantine) {
  if (state.previous.empty() || state.previous == state.active) return false;
  std::swap(state.active, state.previous);
  if (quarantine && !state.previous.empty()) {
    state.quarantined = state.previous;
  } else if (state.quarantined == state.active) {
    state.quarantined.clear();
  }
  return true;
}

bool previous_can_serve(const Policy& policy, const State& state) {
  return !state.previous.empty() && !policy.skipped(state.previous) && state.previous != state.quarantined;
}

void on_corrupt(State& state, const Policy& policy, SteadyTime now) {
  state.active =
      previous_can_serve(policy, state) ? std::exchange(state.previous, std::string()) : std::string();
  state.incomplete = true;
  state.rejected_tag.clear();
  state.next_attempt = now;
}

void on_contract_changed(State& state, SteadyTime now) {
  state.rejected_tag.clear();
  state.failures_in_a_row = 0;
  state.next_attempt = now;
}

std::chrono::milliseconds backoff(std::chrono::seconds interval, int failures, double jitter) {
  const std::chrono::milliseconds base = interval.count() == 0 ? std::chrono::seconds(30) : interval;
  const std::chrono::milliseconds most = std::max<std::chrono::milliseconds>(base, std::chrono::minutes(15));
  std::chrono::milliseconds delay = base;
  for (int i = 1; i < failures && delay < most; ++i) delay *= 2;
  delay = std::min(delay, most);
  return delay - std::chrono::milliseconds(
                     static_cast<std::int64_t>(static_cast<double>(delay.count()) * 0.2 * jitter));
}

}  // namespace offloader::refresh
