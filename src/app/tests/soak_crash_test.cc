// snapshots.md, "Shutdown": after a kill at any instant, the next start finds the old state or the new one.
// Kills the real program and keeps its cache folder.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "await.h"
#include "numbers_project.h"
#include "offloader/base/file.h"
#include "server_process.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr std::int64_t kRowCount = 20'000;

// When to kill: at a random moment of a start or a refresh, or when the cache folder shows a step.
enum class Instant { starting, refreshing, building, indexing, built, placed, recorded, writing, marked };
constexpr Instant kInstants[] = {Instant::starting, Instant::refreshing, Instant::building, Instant::indexing,
                                 Instant::built,    Instant::refreshing, Instant::placed,   Instant::recorded,
                                 Instant::writing,  Instant::marked};

const char* name_of(Instant instant) {
  switch (instant) {
    case Instant::starting:
      return "starting";
    case Instant::refreshing:
      return "refreshing";
    case Instant::building:
      return "building";
    case Instant::indexing:
      return "indexing";
    case Instant::built:
      return "built";
    case Instant::placed:
      return "placed";
    case Instant::recorded:
      return "recorded";
    case Instant::writing:
      return "writing a record or marks";
    case Instant::marked:
      return "marked";
  }
  return "";
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto at = fs::directory_iterator(folder, error); !error && at != fs::directory_iterator();
       at.increment(error))
    names.push_back(at->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

class Victim {
 public:
  explicit Victim(unsigned seed) : random_(seed) {
    numbers::write_project(project());
    publish();
  }

  // Restarts over the cache folder and checks that it was repaired. The manifest is hidden meanwhile, so what
  // is served comes from the folder.
  void start_and_check() {
    hide_manifest(newest_ > 1);
    start();
    const auto begun = steady_clock::now();
    ASSERT_TRUE(server_->await_ready()) << server_->log();
    start_time_ = std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
    HttpClient client(server_->api_port());
    std::string problem;
    const int served = numbers::whole_snapshot(client.get(numbers::kRows), kRowCount, problem);
    ASSERT_NE(served, 0) << problem;
    EXPECT_EQ(numbers::scanned_snapshot(client.get(numbers::kScan), kRowCount, problem), served) << problem;
    EXPECT_GE(served, least_) << "what served before the kill, or what was to replace it";
    EXPECT_LE(served, newest_);
    std::vector<std::string> left;
    await([&] { return (left = numbers::disorder(cache())).empty(); }, std::chrono::minutes(1));
    EXPECT_THAT(left, ::testing::IsEmpty());
    least_ = served;
    hide_manifest(false);
  }

  // Kills the server at such an instant, and counts what the folder holds that a folder at rest does not.
  void kill_at(Instant instant) {
    if (instant == Instant::starting) {
      server_->kill();
      start();
      sleep_up_to(start_time_);
    } else {
      // A step may be over before it is seen; the next refresh shows it again.
      for (int tries = 0; tries < 20 && !refresh_until(instant); ++tries) {
      }
      if (instant != Instant::refreshing) sleep_up_to(microseconds(300));
    }
    server_->kill();
    ++left_behind_[numbers::disorder(cache()).empty() ? "nothing" : "something to repair"];
    const auto names = names_in(dataset());
    const auto any = [&](auto&& is) { return std::any_of(names.begin(), names.end(), is); };
    if (any([](const std::string& name) { return name.ends_with(".building"); }))
      ++left_behind_["half a build"];
    if (any([](const std::string& name) {
          return name.starts_with(".partial") && name.ends_with(".duckdb");
        }))
      ++left_behind_["a build that is not in its place"];
    if (any([](const std::string& name) { return name.ends_with(".tmp"); })) ++left_behind_["half a record"];
    if (std::count_if(names.begin(), names.end(), [](const std::string& name) {
          return name.front() != '.' && name.ends_with(".duckdb");
        }) > std::count_if(names.begin(), names.end(), [](const std::string& name) {
               return name.front() != '.' && name.ends_with(".json");
             }) - 1)
      ++left_behind_["a file without its record"];
  }

  void print() const {
    std::printf("[ figures  ] folders that the kills left:");
    for (const auto& [what, times] : left_behind_) std::printf(" %s %d;", what.c_str(), times);
    std::printf(" snapshots published: %d\n", newest_);
  }
  [[nodiscard]] int repaired() const {
    const auto found = left_behind_.find("something to repair");
    return found == left_behind_.end() ? 0 : found->second;
  }

 private:
  fs::path project() const { return folder_.path() / "project"; }
  fs::path cache() const { return folder_.path() / "cache"; }
  fs::path dataset() const { return cache() / "datasets/numbers"; }

  void start() {
    server_ = std::make_unique<ServerProcess>(
        project(), ServerProcess::Options{.environment = {{"OFFLOADER_REFRESH_INTERVAL", "0"},
                                                          {"OFFLOADER_ADMIN_TOKEN", "token"},
                                                          {"OFFLOADER_ACCESS_LOG", "off"},
                                                          {"OFFLOADER_LOG_LEVEL", "error"},
                                                          {"OFFLOADER_POOL_WAIT_MS", "60000"},
                                                          {"OFFLOADER_DUCKDB_THREADS", "2"}},
                                          .as_nobody = false,
                                          .cache_dir = cache()});
  }
  void publish() { numbers::publish(project(), ++newest_, kRowCount); }
  void hide_manifest(bool hide) const {
    const fs::path manifest = project() / "data/numbers.json";
    const fs::path aside = project() / "data/hidden.json";
    std::error_code error;
    if (hide) {
      fs::rename(manifest, aside, error);
    } else if (fs::exists(aside)) {
      fs::rename(aside, manifest, error);
    }
  }
  void sleep_up_to(microseconds most) {
    std::this_thread::sleep_for(
        microseconds(std::uniform_int_distribution<std::int64_t>(0, most.count())(random_)));
  }

  // Starts a refresh to a new snapshot. Returns true at the instant, or false once the refresh is over.
  bool refresh_until(Instant instant) {
    const std::vector<std::string> before = names_in(dataset());
    const auto marks = read_file(dataset() / "state.json", 1 << 20);
    publish();
    HttpClient admin(server_->admin_port());
    const auto begun = steady_clock::now();
    const Answer asked =
        admin.send("POST", "/datasets/numbers/refresh?wait=false", {"authorization: Bearer token"});
    EXPECT_EQ(asked.status, 202) << asked.body;
    if (instant == Instant::refreshing) {
      sleep_up_to(refresh_time_.count() == 0 ? microseconds(100'000) : refresh_time_ * 5 / 4);
      return true;
    }
    const auto until = begun + std::chrono::minutes(2);
    while (steady_clock::now() < until) {
      for (const std::string& name : names_in(dataset())) {
        if (!std::binary_search(before.begin(), before.end(), name) && shows(instant, name)) return true;
      }
      if (read_file(dataset() / "state.json", 1 << 20).value_or("") != marks.value_or("")) {
        refresh_time_ = std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
        if (instant == Instant::marked) return true;
        break;
      }
    }
    // The instant was missed. Wait for the refresh to end, so that the next one does not overlap it.
    EXPECT_EQ(admin.send("POST", "/datasets/numbers/refresh", {"authorization: Bearer token"}).status, 200);
    return false;
  }

  static bool shows(Instant instant, const std::string& name) {
    const bool partial = name.starts_with(".partial");
    switch (instant) {
      case Instant::building:
        return name.ends_with(".building");
      case Instant::indexing:
        return partial && name.find(".index") != std::string::npos;
      case Instant::built:
        return partial && name.ends_with(".duckdb");
      case Instant::placed:
        return !partial && name.ends_with(".duckdb");
      case Instant::recorded:
        return !partial && name.ends_with(".json");
      case Instant::writing:
        return name.ends_with(".tmp");
      case Instant::starting:
      case Instant::refreshing:
      case Instant::marked:
        return false;
    }
    return false;
  }

  TemporaryFolder folder_;
  std::minstd_rand random_;
  std::unique_ptr<ServerProcess> server_;
  int newest_ = 0;
  int least_ = 1;
  microseconds start_time_{0};
  microseconds refresh_time_{0};
  std::map<std::string, int> left_behind_;
};

TEST(SoakCrash, Restart_KilledAtAnyInstant_ServesAWholeSnapshotAndRepairs) {
  const bool soak = std::getenv("OFFLOADER_SOAK") != nullptr;
  const char* given = std::getenv("OFFLOADER_CRASH_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  std::printf("[ figures  ] seed %u (OFFLOADER_CRASH_SEED=%u repeats it)\n", seed, seed);
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::minstd_rand random(seed);
  std::vector<Instant> instants;
  const std::size_t kills = soak ? 100 : 8;
  while (instants.size() < kills) instants.insert(instants.end(), std::begin(kInstants), std::end(kInstants));
  std::shuffle(instants.begin(), instants.end(), random);
  instants.resize(kills);
  Victim victim(seed);
  ASSERT_NO_FATAL_FAILURE(victim.start_and_check());
  for (std::size_t round = 0; round < kills; ++round) {
    SCOPED_TRACE(testing::Message() << "kill " << round << ", " << name_of(instants[round]));
    victim.kill_at(instants[round]);
    ASSERT_NO_FATAL_FAILURE(victim.start_and_check());
  }
  victim.print();
  EXPECT_GT(victim.repaired(), 0) << "no kill came in the middle of anything: nothing was tested";
}

}  // namespace
}  // namespace offloader::app
