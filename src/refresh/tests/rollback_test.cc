#include "world.h"

// Tests of snapshots.md, "Rollback and forced refresh".
namespace offloader::refresh {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class RollbackAndForce : public testing::Test {
 protected:
  // s2 serves, and s1 is the previous snapshot.
  RollbackAndForce() { world_.start_with_previous("orders"); }
  void pass_an_interval() {
    const auto before = world_.status("orders").next_attempt_at;
    world_.clock.advance(seconds(61));
    world_.refresher->wake();
    world_.await([&] {
      const auto status = world_.status("orders");
      return !status.building && status.next_attempt_at && *status.next_attempt_at > *before + seconds(60);
    });
  }
  void expect(const std::string& active, const std::string& previous, const std::string& quarantined) {
    const auto status = world_.status("orders");
    EXPECT_EQ(world_.served("orders"), active);
    EXPECT_EQ(status.previous ? status.previous->snapshot_id : "", previous);
    EXPECT_EQ(status.quarantined_snapshot_id, quarantined);
  }
  void expect_conflict(bool force, const std::string& text) {
    const auto report = world_.refresher->rollback("orders", force);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::conflict);
    EXPECT_THAT(report.error().message, HasSubstr(text));
  }
  World world_{project_of({"orders"})};
};

TEST_F(RollbackAndForce, Rollback_PreviousQuarantined_RequiresForce) {
  ASSERT_TRUE(world_.refresher->rollback("orders", false, "req-1"));
  expect("s1", "s2", "s2");
  EXPECT_EQ(world_.log.all_with("request_id=req-1").size(), 1U);
  expect_conflict(false,
                  "s2 is quarantined by an earlier rollback: roll back with `?force=true` (or --force)");
  expect("s1", "s2", "s2");
  world_.restart();
  expect("s1", "s2", "s2");
  expect_conflict(false, "s2 is quarantined");
  const auto back = world_.refresher->rollback("orders", true);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->active_snapshot, "s2");
  expect("s2", "s1", "s1");
  world_.restart();
  expect("s2", "s1", "s1");
}

TEST_F(RollbackAndForce, Rollback_SameIdOffered_StaysQuarantinedUntilANewerOne) {
  ASSERT_TRUE(world_.refresher->rollback("orders"));
  pass_an_interval();
  expect("s1", "s2", "s2");
  EXPECT_EQ(world_.status("orders").last_attempted->status, Outcome::unchanged);
  EXPECT_THAT(world_.status("orders").refresh_error, HasSubstr("quarantined"));
  world_.offer("orders", "s3");
  pass_an_interval();
  world_.await_active("orders", "s3");
  expect("s3", "s1", "");
}

TEST_F(RollbackAndForce, Refresh_QuarantinedId_LiftsTheQuarantine) {
  ASSERT_TRUE(world_.refresher->rollback("orders"));
  EXPECT_EQ(world_.force("orders").status, Outcome::ok);
  expect("s2", "s1", "");
}

TEST_F(RollbackAndForce, Rollback_NoPreviousSnapshot_FailsWithConflict) {
  World world(project_of({"users"}));
  world.offer("users", "u1");
  world.start();
  world.await_active("users", "u1");
  const auto report = world.refresher->rollback("users");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::conflict);
  EXPECT_THAT(report.error().message, HasSubstr("no previous snapshot"));
}

TEST_F(RollbackAndForce, Rollback_ServingSnapshotPinned_FailsEvenWithForce) {
  auto pinned = project_of({"orders"}, "v2");
  pinned.datasets.at("orders").pin_snapshot = "s2";
  world_.reload(pinned);
  expect_conflict(false, "s2 is pinned by pin_snapshot");
  expect_conflict(true, "s2 is pinned by pin_snapshot");
  expect("s2", "s1", "");
}

TEST_F(RollbackAndForce, Refresh_ServingId_KeepsThePreviousSnapshot) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world_.force("orders").status, Outcome::ok);
  expect("s2", "s1", "");
  world_.await_files("orders", ".duckdb", 2);
  ASSERT_TRUE(world_.refresher->rollback("orders"));
  expect("s1", "s2", "s2");
  // Likewise when the previous snapshot is quarantined: rebuilding the serving one must not lift that.
  world_.offer("orders", "s1");
  EXPECT_EQ(world_.force("orders").status, Outcome::ok);
  expect("s1", "s2", "s2");
  world_.restart();
  expect("s1", "s2", "s2");
}

TEST_F(RollbackAndForce, ReportCorrupt_PreviousQuarantined_ServesNothing) {
  ASSERT_TRUE(world_.refresher->rollback("orders"));
  const auto serving = world_.publication->latest()->snapshots.at("orders").local;
  world_.refresher->report_corrupt("orders", serving->data->id());
  EXPECT_EQ(world_.served("orders"), "not ready");
  EXPECT_EQ(world_.status("orders").quarantined_snapshot_id, "s2");
  world_.offer("orders", "s1");
  EXPECT_EQ(world_.force("orders").status, Outcome::ok);
  expect("s1", "s2", "s2");
}

TEST_F(RollbackAndForce, Refresh_WithRequestId_IsLoggedWithIt) {
  world_.offer("orders", "s3");
  std::atomic<bool> done{false};
  ASSERT_TRUE(world_.refresher->refresh(
      "orders", [&](const RefreshReport&) { done = true; }, "req-7"));
  world_.await([&] { return done.load(); });
  const auto lines = world_.log.all_with("request_id=req-7");
  EXPECT_EQ(lines.size(), 3U);  // asked, activated, done
  EXPECT_EQ(world_.log.all_with("A snapshot was activated. dataset=orders snapshot=s3 previous=s2").size(),
            1U);
}

}  // namespace
}  // namespace offloader::refresh
