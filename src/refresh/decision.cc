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

Action decide_candidate(const Policy& policy, const State& state, const Candidate& candidate) {
  const std::string& id = candidate.snapshot_id;
  const auto settle = [](std::string reason) {
    return Action{.kind = Kind::settle, .until = {}, .reason = std::move(reason)};
  };
  if (policy.skipped(id)) return settle("the snapshot is listed in skip_snapshots");
  if (!policy.pin.empty() && id != policy.pin) return settle("another snapshot is pinned by pin_snapshot");
  if (!state.forced) {
    if (id == state.quarantined) return settle("the snapshot is quarantined by a rollback");
    if (id == state.active && !state.incomplete) return settle("the snapshot serves already");
    if (!candidate.tag.empty() && candidate.tag == state.rejected_tag)
      return Action{.kind = Kind::pass, .until = {}, .reason = {}};
  }
  return Action{.kind = Kind::build, .until = {}, .reason = {}};
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
  if (candidate != nullptr) return decide_candidate(policy, state, *candidate);
  if (state.phase != Phase::idle) return {};
  if (wants_previous(policy, state)) return {.kind = Kind::swap_to_previous, .until = {}, .reason = {}};
  if (state.forced_waiting) return {.kind = Kind::resolve, .until = {}, .reason = {}};
  if (!state.next_attempt) return {};
  if (*state.next_attempt <= now) return {.kind = Kind::resolve, .until = {}, .reason = {}};
  return {.kind = Kind::wait, .until = state.next_attempt, .reason = {}};
}

std::string unwanted_but_serving(const Policy& policy, const State& state) {
  if (state.active.empty() || !policy.skipped(state.active) || wants_previous(policy, state)) return {};
  return "the serving snapshot is listed in skip_snapshots, and no previous one can take its place: it "
         "serves until the source offers another";
}

bool still_wanted(const Policy& policy, const State& state, const std::string& snapshot_id) {
  if (policy.skipped(snapshot_id)) return false;
  if (!policy.pin.empty() && snapshot_id != policy.pin) return false;
  return state.forced || snapshot_id != state.quarantined;
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
  state.previous = keep_previous ? state.active : std::string();
  state.active = snapshot_id;
  state.quarantined.clear();
  state.incomplete = false;
}

void on_attempt_ended(State& state, const Policy& policy, Outcome outcome, const std::string& tag,
                      SteadyTime now, double jitter) {
  state.phase = Phase::idle;
  state.forced = false;
  if (outcome == Outcome::failed) {
    ++state.failures_in_a_row;
    state.next_attempt = now + backoff(policy.interval, state.failures_in_a_row, jitter);
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
}

bool on_rollback(State& state, bool quarantine) {
  if (state.previous.empty()) return false;
  if (quarantine && state.previous != state.active) state.quarantined = state.active;
  std::swap(state.active, state.previous);
  return true;
}

void on_corrupt(State& state, SteadyTime now) {
  state.active = std::exchange(state.previous, std::string());
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
