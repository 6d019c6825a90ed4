#include <sys/wait.h>

#include "world.h"

// A build during which the process died is remembered (snapshots.md, "A build that died").
namespace offloader::refresh {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

// Leaves the cache folder as a process does that is killed while it builds these datasets.
void die_in_builds(const World& world, const std::vector<std::string>& datasets) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto folder = CacheFolder::open(world.cache());
    if (!folder) ::_exit(3);
    folder->count_deaths(world.clock.now());
    for (const std::string& dataset : datasets) {
      const auto manifest = read_file(world.project_folder() / (dataset + ".json"), 1 << 20);
      const bool suspect = folder->death(dataset).has_value();
      if (!manifest ||
          !folder->begin_build(
              dataset, {.tag = to_hex(sha256(*manifest)), .files = {dataset + ".csv"}, .suspect = suspect})) {
        ::_exit(4);
      }
    }
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
}

class DiedBuildTest : public testing::Test {
 protected:
  DiedBuildTest() {
    world_.offer("bad", "b1");
    world_.offer("good", "g1");
  }
  void await_attempt(const std::string& dataset) {
    world_.await([&] { return world_.status(dataset).last_attempted.has_value(); });
  }
  void pass(seconds time) {
    world_.clock.advance(time);
    world_.refresher->wake();
  }
  World world_{project_of({"bad", "good"})};
};

TEST_F(DiedBuildTest, Start_BuildDiedOnce_IsNotRetriedAndOthersServe) {
  die_in_builds(world_, {"bad"});
  for (int restart = 0; restart < 3; ++restart) {
    world_.start();
    await_attempt("bad");
    world_.await_active("good", "g1");
    const auto status = world_.status("bad");
    EXPECT_EQ(status.last_attempted->status, Outcome::failed);
    EXPECT_TRUE(status.manifest_valid);
    ASSERT_EQ(status.findings.size(), 1U);
    EXPECT_EQ(status.findings[0].code, "build_died");
    EXPECT_EQ(status.findings[0].file, "bad.csv");
    EXPECT_THAT(status.findings[0].message, HasSubstr("bad.csv"));
    EXPECT_EQ(world_.served("bad"), "not ready");
    // The next interval does not retry it either, and its findings stay.
    const auto before = status.next_attempt_at;
    pass(seconds(61));
    world_.await([&] {
      const auto now = world_.status("bad");
      return now.next_attempt_at && *now.next_attempt_at > *before;
    });
    EXPECT_EQ(world_.status("bad").findings.size(), 1U);
    EXPECT_EQ(world_.status("bad").last_attempted->at, status.last_attempted->at) << "it is told once";
    world_.stop();
  }
  EXPECT_EQ(world_.executor.builds(), 1) << "of the good one alone";
}

TEST_F(DiedBuildTest, Refresh_HourAfterDeath_Retries) {
  die_in_builds(world_, {"bad"});
  world_.start();
  await_attempt("bad");
  pass(minutes(59));
  world_.await([&] {
    const auto next = world_.status("bad").next_attempt_at;
    return next && *next <= world_.clock.now() + minutes(1) + seconds(1) && *next > world_.clock.now();
  });
  EXPECT_EQ(world_.served("bad"), "not ready");
  pass(minutes(1));
  world_.await_active("bad", "b1");
  world_.restart();
  EXPECT_EQ(world_.served("bad"), "b1");
  EXPECT_FALSE(fs::exists(world_.cache() / "marks" / "bad.died.json"));
}

TEST_F(DiedBuildTest, Refresh_HourAfterDeathWithoutInterval_Retries) {
  world_.options.refresh_interval = seconds(0);
  die_in_builds(world_, {"bad"});
  world_.start();
  await_attempt("bad");
  // The retry after the usual delay finds that the hour is not over.
  pass(seconds(31));
  world_.await([&] {
    const auto next = world_.status("bad").next_attempt_at;
    return next && *next > world_.clock.now() + minutes(50);
  });
  pass(minutes(61));
  world_.await_active("bad", "b1");
}

TEST_F(DiedBuildTest, Refresh_ManifestChangedOrForced_Retries) {
  die_in_builds(world_, {"bad", "good"});
  die_in_builds(world_, {"bad"});
  die_in_builds(world_, {"good"});
  world_.start();
  await_attempt("bad");
  await_attempt("good");
  EXPECT_EQ(world_.served("good"), "not ready");
  world_.offer("bad", "b2");
  pass(seconds(61));
  world_.await_active("bad", "b2");
  EXPECT_EQ(world_.force("good").status, Outcome::ok);
  EXPECT_EQ(world_.served("good"), "g1");
}

TEST_F(DiedBuildTest, Start_BuildDiedTwice_IsRejected) {
  die_in_builds(world_, {"bad"});
  die_in_builds(world_, {"bad"});
  world_.start();
  await_attempt("bad");
  EXPECT_EQ(world_.status("bad").last_attempted->status, Outcome::rejected);
  EXPECT_FALSE(world_.status("bad").manifest_valid);
  EXPECT_THAT(world_.status("bad").findings.at(0).message, HasSubstr("2 times"));
  pass(minutes(61));
  EXPECT_EQ(world_.force("good").status, Outcome::ok);
  EXPECT_EQ(world_.served("bad"), "not ready") << "not after an hour either";
  world_.restart();
  await_attempt("bad");
  EXPECT_EQ(world_.status("bad").last_attempted->status, Outcome::rejected) << "nor by the next start";
  EXPECT_EQ(world_.force("bad").status, Outcome::ok);
}

TEST_F(DiedBuildTest, Start_SeveralBuildsDied_AreRetriedOneAtATime) {
  die_in_builds(world_, {"bad", "good"});
  // Both are suspects, and both may be built.
  world_.executor.hold("b1");
  world_.executor.hold("g1");
  world_.options.concurrency = 2;
  world_.start();
  world_.await([&] { return world_.executor.builds() == 1; });
  const bool bad_first = world_.status("bad").building.has_value();
  EXPECT_NE(bad_first, world_.status("good").building.has_value());
  world_.executor.let_go("b1");
  world_.executor.let_go("g1");
  pass(seconds(2));
  world_.await([&] {
    world_.refresher->wake();
    world_.clock.advance(seconds(1));
    return world_.served("bad") == "b1" && world_.served("good") == "g1";
  });
}

TEST_F(DiedBuildTest, ExpectStop_BuildRunning_IsNotCountedAsDeath) {
  world_.executor.hold("b1");
  world_.start();
  world_.executor.wait_until_building("b1");
  EXPECT_TRUE(fs::exists(world_.cache() / "marks" / "bad.building.json"));
  // As on the first signal: whatever ends the process from now on is intended.
  world_.refresher->expect_stop();
  EXPECT_FALSE(fs::exists(world_.cache() / "marks" / "bad.building.json"));
  world_.executor.let_go("b1");
  world_.restart();
  world_.await_active("bad", "b1");
  EXPECT_EQ(world_.log.lines_with("build_died").size(), 0U);
}

TEST_F(DiedBuildTest, ExpectStop_NeverStarted_KeepsMarksOfThePreviousProcess) {
  die_in_builds(world_, {"bad"});
  // As when a port is in use: the refresher is stopped without having been started.
  world_.compose();
  world_.refresher->expect_stop();
  world_.stop();
  world_.start();
  await_attempt("bad");
  EXPECT_EQ(world_.status("bad").findings.at(0).code, "build_died");
}

TEST_F(DiedBuildTest, Refresh_FailedBeforeDecoding_KeepsTheDeathMark) {
  std::atomic<std::uint64_t> free{1ULL << 40};
  world_.options.free_bytes = [&] { return free.load(); };
  die_in_builds(world_, {"bad"});
  world_.start();
  await_attempt("bad");
  world_.await_active("good", "g1");
  free = 0;
  EXPECT_THAT(world_.force("bad").error, HasSubstr("no room"));
  EXPECT_TRUE(fs::exists(world_.cache() / "marks" / "bad.died.json"));
  free = 1ULL << 40;
  world_.executor.fail_next({{ErrorCode::rejected, "refused", {}}, {}});
  EXPECT_EQ(world_.force("bad").status, Outcome::rejected);
  EXPECT_FALSE(fs::exists(world_.cache() / "marks" / "bad.died.json")) << "it was read, and is alive";
}

TEST_F(DiedBuildTest, Refresh_BuildFailed_LeavesNoMark) {
  world_.executor.fail_next({{ErrorCode::internal, "the engine failed", {}}, {}});
  world_.start();
  await_attempt("bad");
  await_attempt("good");
  world_.await([&] { return fs::is_empty(world_.cache() / "marks"); });
}

}  // namespace
}  // namespace offloader::refresh
