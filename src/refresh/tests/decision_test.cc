#include "offloader/refresh/decision.h"

#include <gtest/gtest.h>

namespace offloader::refresh {
namespace {

using Kind = Action::Kind;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr SteadyTime kNow{std::chrono::hours(1)};

struct CandidateCase {
  const char* what;
  Policy policy;
  State state;
  Candidate candidate;
  Kind expected;
};

TEST(Decision, Decide_EachCandidate_BuildsSettlesOrPasses) {
  const CandidateCase cases[] = {
      {"first snapshot", {}, {}, {"a", "t"}, Kind::build},
      {"newer snapshot", {}, {.active = "a"}, {"b", "t"}, Kind::build},
      {"serving one again", {}, {.active = "a"}, {"a", "t"}, Kind::settle},
      {"serving one, forced", {}, {.active = "a", .forced = true}, {"a", "t"}, Kind::build},
      {"serving one, contract changed", {}, {.active = "a", .incomplete = true}, {"a", "t"}, Kind::build},
      {"quarantined", {}, {.active = "a", .quarantined = "b"}, {"b", "t"}, Kind::settle},
      {"quarantined, forced",
       {},
       {.active = "a", .quarantined = "b", .forced = true},
       {"b", "t"},
       Kind::build},
      {"newer than the quarantined", {}, {.active = "a", .quarantined = "b"}, {"c", "t"}, Kind::build},
      {"skipped", {.skips = {"b"}}, {.active = "a"}, {"b", "t"}, Kind::settle},
      {"skipped, forced", {.skips = {"b"}}, {.active = "a", .forced = true}, {"b", "t"}, Kind::settle},
      {"not the pinned", {.pin = "a"}, {}, {"b", "t"}, Kind::settle},
      {"the pinned", {.pin = "a"}, {}, {"a", "t"}, Kind::build},
      {"rejected, unchanged", {}, {.rejected_tag = "t"}, {"a", "t"}, Kind::pass},
      {"rejected, changed", {}, {.rejected_tag = "t"}, {"a", "u"}, Kind::build},
      {"rejected, forced", {}, {.forced = true, .rejected_tag = "t"}, {"a", "t"}, Kind::build},
  };
  for (const CandidateCase& one : cases) {
    const Action action = decide(one.policy, one.state, &one.candidate, kNow);
    EXPECT_EQ(action.kind, one.expected) << one.what;
    EXPECT_EQ(!action.reason.empty(), one.expected == Kind::settle) << one.what;
  }
}

struct IdleCase {
  const char* what;
  Policy policy;
  State state;
  Kind expected;
};

TEST(Decision, Decide_Idle_WaitsResolvesOrSwapsBack) {
  const IdleCase cases[] = {
      {"nothing scheduled", {}, {}, Kind::wait},
      {"not yet due", {}, {.next_attempt = kNow + seconds(1)}, Kind::wait},
      {"due", {}, {.next_attempt = kNow}, Kind::resolve},
      {"forced", {}, {.forced_waiting = true}, Kind::resolve},
      {"forced while one runs", {}, {.phase = Phase::building, .forced_waiting = true}, Kind::wait},
      {"serving one skipped", {.skips = {"b"}}, {.active = "b", .previous = "a"}, Kind::swap_to_previous},
      {"both skipped", {.skips = {"a", "b"}}, {.active = "b", .previous = "a"}, Kind::wait},
      {"skipped without previous", {.skips = {"b"}}, {.active = "b"}, Kind::wait},
      {"previous is the pinned", {.pin = "a"}, {.active = "b", .previous = "a"}, Kind::swap_to_previous},
      {"previous is the pinned, quarantined",
       {.pin = "a"},
       {.active = "b", .previous = "a", .quarantined = "a"},
       Kind::wait},
      {"skipped while a build runs",
       {.skips = {"b"}},
       {.active = "b", .previous = "a", .phase = Phase::building},
       Kind::wait},
  };
  for (const IdleCase& one : cases)
    EXPECT_EQ(decide(one.policy, one.state, nullptr, kNow).kind, one.expected) << one.what;
}

TEST(Decision, OnAttemptEnded_Failures_BackOffUntilAnotherOutcome) {
  const Policy policy{.interval = seconds(60)};
  State state;
  on_attempt_ended(state, policy, Outcome::failed, "t", kNow, 0);
  EXPECT_EQ(state.next_attempt, kNow + seconds(60));
  on_attempt_ended(state, policy, Outcome::failed, "t", kNow, 0);
  EXPECT_EQ(state.next_attempt, kNow + seconds(120));
  for (int i = 0; i < 20; ++i) on_attempt_ended(state, policy, Outcome::failed, "t", kNow, 0);
  EXPECT_EQ(state.next_attempt, kNow + minutes(15));
  on_attempt_ended(state, policy, Outcome::unchanged, "t", kNow, 0);
  EXPECT_EQ(state.next_attempt, kNow + seconds(60));
  on_attempt_ended(state, policy, Outcome::failed, "t", kNow, 0);
  EXPECT_EQ(state.next_attempt, kNow + seconds(60));
}

TEST(Decision, Backoff_IntervalZero_StartsAtThirtySeconds) {
  EXPECT_EQ(backoff(seconds(0), 1, 0), seconds(30));
  EXPECT_EQ(backoff(seconds(0), 2, 0.5), milliseconds(54'000));
  EXPECT_EQ(backoff(seconds(0), 1'000'000, 0), minutes(15));
  EXPECT_EQ(backoff(std::chrono::hours(1), 3, 0), std::chrono::hours(1));
}

TEST(Decision, OnAttemptEnded_IntervalZero_RetriesOnlyFailures) {
  const Policy policy{.interval = seconds(0)};
  State state;
  on_attempt_ended(state, policy, Outcome::ok, "t", kNow, 0);
  EXPECT_FALSE(state.next_attempt);
  on_attempt_ended(state, policy, Outcome::rejected, "t", kNow, 0);
  EXPECT_FALSE(state.next_attempt);
  on_attempt_ended(state, policy, Outcome::failed, "t", kNow, 0);
  EXPECT_EQ(state.next_attempt, kNow + seconds(30));
}

TEST(Decision, OnRollback_WithPrevious_SwapsAndQuarantines) {
  State state{.active = "b", .previous = "a"};
  ASSERT_TRUE(on_rollback(state, true));
  EXPECT_EQ(state.active, "a");
  EXPECT_EQ(state.previous, "b");
  EXPECT_EQ(state.quarantined, "b");
  State same{.active = "a", .previous = "a"};
  EXPECT_FALSE(on_rollback(same, true));
  EXPECT_EQ(same.quarantined, "");
  State none{.active = "a"};
  EXPECT_FALSE(on_rollback(none, true));
  EXPECT_EQ(none.active, "a");
}

TEST(Decision, StillWanted_QuarantinedSkippedOrUnpinned_ReturnsFalse) {
  EXPECT_FALSE(still_wanted({}, {.quarantined = "b"}, "b"));
  EXPECT_TRUE(still_wanted({}, {.quarantined = "b", .forced = true}, "b"));
  EXPECT_FALSE(still_wanted({.skips = {"b"}}, {}, "b"));
  EXPECT_FALSE(still_wanted({.pin = "a"}, {}, "b"));
}

}  // namespace
}  // namespace offloader::refresh
