#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/sources/snapshot_source.h"

// What a dataset does next, and how every event changes what is known of it: the whole of snapshots.md's
// state machine, without threads, files or a clock of its own. The refresher's threads only carry out what
// decide() says.
namespace offloader::refresh {

enum class Outcome { ok, unchanged, rejected, failed };
[[nodiscard]] const char* name_of(Outcome outcome);

// How the project wants this dataset to be refreshed.
struct Policy {
  std::string pin{};  // empty: none
  std::vector<std::string> skips{};
  std::chrono::seconds interval{60};  // 0: at boot and by hand only

  [[nodiscard]] bool skipped(const std::string& snapshot_id) const;
};

using sources::Candidate;

// What is remembered of a build that ended with the process (snapshots.md, "A build that died").
struct DiedBuild {
  std::string tag{};  // of its manifest; empty: none died
  // How many builds of the tag ended the process. 0: one of several that ran then, so that it is not known
  // whether it was the cause; it is tried again, and only one such build runs at a time.
  int deaths = 0;
  SteadyTime until{};  // before this, the same tag is only built when asked for
  bool reported = false;
};

enum class Phase { idle, resolving, queued, building };

struct State {
  std::string active{};  // snapshot ids; empty: none
  std::string previous{};
  std::string quarantined{};
  bool incomplete =
      false;  // what serves does not fit the contract, or lacks a part of it: the same id is built again
  Phase phase = Phase::idle;
  bool forced_waiting = false;  // somebody asked; taken up when the next resolve begins
  bool forced = false;          // the attempt that runs was asked for
  std::string rejected_tag{};   // of the last refused manifest
  DiedBuild died{};
  int failures_in_a_row = 0;
  std::optional<SteadyTime> next_attempt{};  // nothing: only by hand
};

struct Action {
  enum class Kind {
    wait,              // until `until`; for good when there is none
    resolve,           // ask the source
    build,             // materialize the candidate
    settle,            // nothing to do: the attempt ends `unchanged`, for `reason`
    pass,              // refused before and not changed since: as if it had not been tried
    report_death,      // a build of it ended the process: the attempt ends without another, and says so
    swap_to_previous,  // the project no longer wants what serves
  };
  Kind kind = Kind::wait;
  std::optional<SteadyTime> until{};
  std::string reason{};
};

// The one place that decides. `candidate` is what a resolve that has just ended found; null while idle.
[[nodiscard]] Action decide(const Policy& policy, const State& state, const Candidate* candidate,
                            SteadyTime now);

// Whether files of the manifest `tag` are not to be decoded now, since that ended the process before.
[[nodiscard]] bool waits_after_death(const State& state, const std::string& tag, SteadyTime now);

// Why the project does not want what serves, where nothing else can take its place; empty: it does. It serves
// on, until the source offers another.
[[nodiscard]] std::string unwanted_but_serving(const Policy& policy, const State& state);

// Whether a finished build may still be activated: rollbacks and reloads may have happened while it ran.
[[nodiscard]] bool still_wanted(const Policy& policy, const State& state, const std::string& snapshot_id);

// Events. `jitter` is in [0, 1).
void on_resolve_begun(State& state);
void on_queued(State& state);  // it is to be built, once it is its turn
void on_build_begun(State& state);
// Building the serving id again leaves the previous snapshot and the quarantine as they are; another id makes
// the one that it replaces the previous one and lifts the quarantine. Without `keep_previous` no previous one
// is left.
void on_activated(State& state, const std::string& snapshot_id, bool keep_previous);
void on_attempt_ended(State& state, const Policy& policy, Outcome outcome, const std::string& tag,
                      SteadyTime now, double jitter);
void on_passed(State& state, const Policy& policy, SteadyTime now);

// A build of `tag` ended without taking the process with it.
void on_build_survived(State& state, const std::string& tag);

// Why a person may not roll back now; empty: they may. `force` allows going back to the quarantined snapshot,
// and nothing else.
[[nodiscard]] std::string rollback_conflict(const Policy& policy, const State& state, bool force);

// Puts the previous snapshot back; quarantines the id that was left when `quarantine`. The id that serves is
// never quarantined. False, and nothing changes, without a previous one of another id.
bool on_rollback(State& state, bool quarantine);

// Whether the previous snapshot may take the place of one that is damaged.
[[nodiscard]] bool previous_can_serve(const Policy& policy, const State& state);

// The active file is damaged: the previous one, where it can serve, does, and the dataset is built again at
// once.
void on_corrupt(State& state, const Policy& policy, SteadyTime now);

// The contract, the origin, pins or skips changed: what was refused or put off is tried again at once.
void on_contract_changed(State& state, SteadyTime now);

// After `failures` (at least 1) in a row: the interval (30 s where it is 0), doubled each time up to 15
// minutes; jitter takes away up to a fifth, so that replicas do not retry in step.
[[nodiscard]] std::chrono::milliseconds backoff(std::chrono::seconds interval, int failures, double jitter);

}  // namespace offloader::refresh
