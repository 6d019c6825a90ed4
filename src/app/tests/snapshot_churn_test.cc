// Random operations on snapshots and contracts, while readers check every answer (snapshots.md). Part of the
// ordinary suite with a fixed seed, so that the sanitizers cover it; with OFFLOADER_SOAK=1 it runs for a
// minute with a random seed. The seed is printed. OFFLOADER_CHURN_SEED repeats one; OFFLOADER_CHURN_SECONDS
// sets how long to run.

#include <algorithm>
#include <map>
#include <random>

#include "snapshot_scene.h"

namespace offloader::app {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Returns the number of a snapshot by its id.
std::uint64_t number_of(const nlohmann::json& id) {
  return std::strtoull(id.get<std::string>().c_str() + 1, nullptr, 10);
}

class SnapshotChurn : public SnapshotScene {
 protected:
  void SetUp() override {
    seed_ = number_from_environment("OFFLOADER_CHURN_SEED", soak() ? std::random_device{}() : 1);
    random_.seed(seed_);
  }

  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
  }

  // Performs one random operation on a dataset. Returns its name.
  const char* step();
  const char* swap(std::size_t dataset);
  const char* publish_alone(std::size_t dataset);
  const char* force_again(std::size_t dataset);
  const char* refuse_snapshot(std::size_t dataset);
  const char* roll_back(std::size_t dataset);
  const char* change_key();
  const char* change_extra();
  const char* refuse_revision(std::size_t dataset);
  const char* cut_over(std::size_t dataset);

  // Refreshes the dataset and expects its newest snapshot, whatever happened before.
  void expect_newest(std::size_t dataset) {
    const auto report = refresh(NumberedProject::id(dataset));
    ASSERT_EQ(report["status"], "ok") << report;
    const auto seen = page(dataset);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->snapshot, project_->newest(dataset));
  }

  // Returns the dataset's entry in the diagnostics.
  nlohmann::json shown(std::size_t dataset) {
    const nlohmann::json all = diagnostics();
    for (const auto& each : all["datasets"]) {
      if (each["dataset"] == NumberedProject::id(dataset)) return each;
    }
    ADD_FAILURE() << NumberedProject::id(dataset) << " is not in " << all.dump();
    return {};
  }

  std::uint64_t seed_ = 0;
  std::mt19937_64 random_;
  bool key_ = false;
  bool extra_ = false;
};

const char* SnapshotChurn::step() {
  const std::size_t dataset = below(project_->datasets());
  switch (below(12)) {
    case 0:
    case 1:
    case 2:
      return swap(dataset);
    case 3:
      return publish_alone(dataset);
    case 4:
      return force_again(dataset);
    case 5:
      return refuse_snapshot(dataset);
    case 6:
    case 7:
      return roll_back(dataset);
    case 8:
      return change_key();
    case 9:
      return change_extra();
    case 10:
      return refuse_revision(dataset);
    default:
      return cut_over(dataset);
  }
}

const char* SnapshotChurn::swap(std::size_t dataset) {
  project_->publish(dataset);
  expect_newest(dataset);
  return "swap";
}

// The refresh loop finds it, possibly during the next operations.
const char* SnapshotChurn::publish_alone(std::size_t dataset) {
  project_->publish(dataset);
  return "snapshot left to the loop";
}

const char* SnapshotChurn::force_again(std::size_t dataset) {
  if (below(2) == 0) {
    EXPECT_EQ(post("/datasets/" + NumberedProject::id(dataset) + "/refresh?wait=false").status, 202);
  } else {
    expect_newest(dataset);
  }
  return "forced refresh";
}

const char* SnapshotChurn::refuse_snapshot(std::size_t dataset) {
  project_->publish_unsound(dataset);
  const auto report = refresh(NumberedProject::id(dataset));
  EXPECT_EQ(report["status"], "rejected") << report;
  const auto seen = page(dataset);
  EXPECT_TRUE(seen && seen->snapshot != project_->newest(dataset)) << "what served goes on";
  project_->publish(dataset);
  return "unsound snapshot";
}

const char* SnapshotChurn::roll_back(std::size_t dataset) {
  const Answer answer = post("/datasets/" + NumberedProject::id(dataset) + "/rollback");
  const auto report = nlohmann::json::parse(answer.body, nullptr, false);
  if (answer.status == 409) return "rollback without a previous";  // after a cut-over there is none
  EXPECT_EQ(answer.status, 200) << answer.body;
  const auto seen = page(dataset);
  EXPECT_TRUE(seen);
  // The refresh loop may have published another snapshot meanwhile: the newest, or one that it had found
  // before the newest was there and after the one that was rolled back.
  const auto published = [&](std::uint64_t snapshot) {
    return snapshot == project_->newest(dataset) || snapshot > number_of(report["previous_snapshot"]);
  };
  if (seen && !published(seen->snapshot)) {
    EXPECT_EQ("s" + std::to_string(seen->snapshot), report["active_snapshot"]);
  }
  return "rollback";
}

const char* SnapshotChurn::change_key() {
  key_ = !key_;
  key_ ? project_->add_key() : project_->remove_key();
  hang_up();
  EXPECT_TRUE(await([&] { return status_of("d0_page", NumberedProject::kExtraKey) == (key_ ? 200 : 401); }))
      << "a key takes effect at once";
  return "key by SIGHUP";
}

const char* SnapshotChurn::change_extra() {
  extra_ = !extra_;
  extra_ ? project_->add_extra() : project_->remove_extra();
  hang_up();
  EXPECT_TRUE(await([&] { return status_of("extra_page") == (extra_ ? 200 : 404); }));
  return "dataset added or removed by SIGHUP";
}

const char* SnapshotChurn::refuse_revision(std::size_t dataset) {
  project_->spoil(dataset);
  EXPECT_EQ(post("/config/reload").status, 422);
  project_->restore(dataset);
  EXPECT_EQ(post("/config/reload").status, 200);
  return "revision that is refused";
}

const char* SnapshotChurn::cut_over(std::size_t dataset) {
  project_->change_contract(dataset);
  const Answer answer = post("/config/reload");
  EXPECT_EQ(answer.status, 200) << answer.body;
  // If not awaited, other operations may follow, including a change back to the old contract.
  if (below(2) == 0) return "cut-over begun";
  // A quarantined snapshot is not built under the new contract either, so publish another one.
  if (shown(dataset)["quarantined_snapshot_id"] == "s" + std::to_string(project_->newest(dataset)))
    project_->publish(dataset);
  EXPECT_TRUE(await([&] {
    const auto seen = page(dataset);
    return seen && seen->version == project_->contract(dataset);
  })) << shown(dataset);
  return "cut-over";
}

TEST_F(SnapshotChurn, Answers_RandomOperations_AreWholeUnderTheirContract) {
  const std::uint64_t length = number_from_environment("OFFLOADER_CHURN_SECONDS", soak() ? 60 : 3);
  std::printf("OFFLOADER_CHURN_SEED=%llu\n", static_cast<unsigned long long>(seed_));
  SCOPED_TRACE("OFFLOADER_CHURN_SEED=" + std::to_string(seed_));
  make_project(soak() ? 20 : 4, 20);
  start({{"OFFLOADER_REFRESH_INTERVAL", "1"}, {"OFFLOADER_REFRESH_CONCURRENCY", "2"}});
  LoadClient reading(readers());
  std::map<std::string, int> done;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(length);
  while (std::chrono::steady_clock::now() < until && !HasFailure()) ++done[step()];

  // Bring each dataset to its newest snapshot and contract, and to two snapshots, whatever was interrupted.
  for (int round = 0; round < 2; ++round) {
    for (std::size_t dataset = 0; dataset < project_->datasets(); ++dataset) swap(dataset);
  }
  for (std::size_t dataset = 0; dataset < project_->datasets(); ++dataset) {
    const auto seen = page(dataset);
    EXPECT_TRUE(seen && seen->version == project_->contract(dataset));
  }
  EXPECT_EQ(await_settled(), "");
  reading.stop();
  expect_sound("churn", reading.finish());
  for (const auto& [what, times] : done) std::printf("  %4d %s\n", times, what.c_str());
  EXPECT_EQ(server_->stop(), 0) << server_->log();
}

}  // namespace
}  // namespace offloader::app
