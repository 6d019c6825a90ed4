#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/sources/snapshot_source.h"

// The state machine of a dataset (snapshots.md): what it does next, and how each event changes its state.
// Pure functions on plain values, without threads, files or a clock of their own; the refresher's threads
// only carry out what decide() returns. Callers guard a State themselves.
namespace offloader::refresh {

enum class Outcome { ok, unchanged, rejected, failed };
[[nodiscard]] const char* name_of(Outcome outcome);

// The project's settings for refreshing this dataset.
struct Policy {
  std::string pin{};  // empty: none
  std::vector<std::string> skips{};
  std::chrono::seconds interval{60};  // 0: only at start and on request

  [[nodiscard]] bool skipped(const std::string& snapshot_id) const;
};

using sources::Candidate;

// A build during which the process died (snapshots.md, "A build that died").
struct DiedBuild {
  std::string tag{};  // of the build's manifest; empty: no build died
  // How many builds of the tag ended the process. 0 means a suspect: several builds ran when the process
  // died, and this may have been the cause. Suspects are built again, one at a time.
  int deaths = 0;
  SteadyTime until{};  // until then (after several deaths: always) the tag is only built on request
  bool reported = false;
};

enum class Phase { idle, resolving, queued, building };

struct State {
  std::string active{};  // snapshot ids; empty: none
  std::string previous{};
  std::string quarantined{};
  bool incomplete = false;  // what serves does not fit the contract or lacks a part: rebuild the same id
  Phase phase = Phase::idle;
  bool forced_waiting = false;  // a refresh was requested; the next resolve takes it up
  bool forced = false;          // the running attempt was requested
  std::string rejected_tag{};   // of the last rejected manifest
  DiedBuild died{};
  int failures_in_a_row = 0;
  std::optional<SteadyTime> next_attempt{};  // nullopt: only on request
};

struct Action {
  enum class Kind {
    wait,              // until `until`; without end if it is nullopt
    resolve,           // ask the source
    build,             // materialize the candidate
    settle,            // nothing to build: the attempt ends as `unchanged`, with `reason`
    pass,              // rejected before and unchanged since: the attempt ends without a new report
    report_death,      // a build of this manifest ended the process: report that, do not build
    swap_to_previous,  // the project no longer wants the serving snapshot
  };
  Kind kind = Kind::wait;
  std::optional<SteadyTime> until{};
  std::string reason{};
};

// Returns what the dataset does next. `candidate` is what a resolve has just found; null while idle.
[[nodiscard]] Action decide(const Policy& policy, const State& state, const Candidate* candidate,
                            SteadyTime now);

// Whether the files of manifest `tag` must not be decoded now, because that ended the process before.
[[nodiscard]] bool waits_after_death(const State& state, const std::string& tag, SteadyTime now);

// Returns why the project does not want the serving snapshot when no other can replace it; empty otherwise.
// The snapshot serves on until the source offers another.
[[nodiscard]] std::string unwanted_but_serving(const Policy& policy, const State& state);

// Whether a finished build may still be activated. A rollback or a reload may have happened while it ran.
[[nodiscard]] bool still_wanted(const Policy& policy, const State& state, const std::string& snapshot_id);

// Events. `jitter` is in [0, 1); see backoff().
void on_resolve_begun(State& state);
void on_queued(State& state);  // a build waits for its turn
void on_build_begun(State& state);
// Rebuilding the serving id, or activating a snapshot when none serves, leaves the previous snapshot and the
// quarantine of other ids unchanged. Any other id makes the replaced snapshot the previous one and lifts the
// quarantine. Without `keep_previous` there is no previous snapshot afterwards.
void on_activated(State& state, const std::string& snapshot_id, bool keep_previous);
void on_attempt_ended(State& state, const Policy& policy, Outcome outcome, const std::string& tag,
                      SteadyTime now, double jitter);
void on_passed(State& state, const Policy& policy, SteadyTime now);

// A build of `tag` ended and the process is still alive.
void on_build_survived(State& state, const std::string& tag);

// Returns why a rollback is not allowed now; empty when it is. `force` allows going back to a quarantined
// snapshot, and overrides nothing else.
[[nodiscard]] std::string rollback_conflict(const Policy& policy, const State& state, bool force);

// Makes the previous snapshot the serving one. With `quarantine`, quarantines the id that it replaces. The
// serving id is never quarantined. Returns false, and changes nothing, if there is no previous snapshot with
// another id.
bool on_rollback(State& state, bool quarantine);

// Whether the previous snapshot may replace a damaged one.
[[nodiscard]] bool previous_can_serve(const Policy& policy, const State& state);

// The active snapshot's file is damaged. The previous snapshot becomes active if it can serve, and the
// dataset is rebuilt at once.
void on_corrupt(State& state, const Policy& policy, SteadyTime now);

// The contract, the origin, the pin or the skips changed: retries at once what was rejected or delayed.
void on_contract_changed(State& state, SteadyTime now);

// Returns the delay after `failures` (at least 1) failures in a row: the interval (30 s if it is 0), doubled
// for each further failure up to 15 minutes, or up to the interval if that is longer. Jitter subtracts up to
// a fifth, so that replicas do not retry in step.
[[nodiscard]] std::chrono::milliseconds backoff(std::chrono::seconds interval, int failures, double jitter);

}  // namespace offloader::refresh
