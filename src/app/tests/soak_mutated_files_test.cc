// Damaged data files and manifests, published one after another to a running server: the process never dies,
// other datasets' answers never fail, and memory stays bounded. OFFLOADER_SOAK=1 (`make soak`) runs ten times
// as many cases. OFFLOADER_MUTATION_SEED repeats a run. Inputs that ended the process are kept in a folder
// that the failure names.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "await.h"
#include "mutated_project.h"
#include "mutation.h"
#include "offloader/base/file.h"
#include "sanitized.h"
#include "server_process.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kWorkers = 4;
constexpr std::uint64_t kDuckdbMemory = 600ULL << 20;
constexpr std::uint64_t kMemoryBound = 1200ULL << 20;  // for RssAnon: DuckDB's limit and the same again
const std::vector<std::string> kToken = {"authorization: Bearer token"};

bool soak() {
  return std::getenv("OFFLOADER_SOAK") != nullptr;
}

std::uint64_t run_seed() {
  const char* given = std::getenv("OFFLOADER_MUTATION_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

// The number of cases of a test: `usual`, ten times as many in the soak, a tenth in sanitizer builds, which
// are slow.
std::size_t cases(std::size_t usual) {
  const char* given = std::getenv("OFFLOADER_MUTATION_CASES");
  if (given != nullptr) return std::strtoull(given, nullptr, 10);
  if (soak()) return usual * 10;
  return kSanitized ? usual / 10 : usual;
}

// One damaged input.
struct Case {
  std::size_t seed = 0;      // index in the project's seeds
  std::uint64_t number = 0;  // of its snapshot
  std::string content;       // the file's bytes or the manifest's text
};

class SoakMutatedFiles : public ::testing::Test {
 protected:
  using Make = std::function<std::string(const MutatedProject&, std::size_t seed, MutationRandom&)>;

  // Publishes `count` cases, spread over the seeds, and refreshes the dataset after each.
  void run(std::vector<Seed> seeds, std::size_t count, bool manifests, const Make& make);

  [[nodiscard]] fs::path scratch() const {
    const fs::path folder = folder_.path() / "scratch";
    fs::create_directories(folder);
    return folder;
  }

 private:
  void start();
  [[nodiscard]] json datasets() const;
  [[nodiscard]] bool attempted() const;
  [[nodiscard]] std::vector<std::string> refused() const;
  [[nodiscard]] bool may_be_refused(const std::string& dataset) const;
  [[nodiscard]] bool alive() const;
  void work(std::atomic<std::size_t>& next, std::size_t count, bool manifests, const Make& make);
  [[nodiscard]] bool try_case(HttpClient& admin, HttpClient& api, const Case& one, bool manifests);
  void witness(const std::atomic<bool>& over);
  void watch_memory(const std::atomic<bool>& over);
  void expect_sound_seeds_are_served();
  void keep(const Case& one);

  TemporaryFolder folder_;
  std::unique_ptr<MutatedProject> project_;
  std::unique_ptr<ServerProcess> server_;
  std::uint64_t seed_ = run_seed();

  std::array<std::mutex, 64> seed_mutexes_;  // one per seed: its dataset gets one case at a time
  std::mutex results_mutex_;
  std::map<std::string, std::size_t> outcomes_;
  std::vector<Case> in_flight_;
  std::vector<std::string> problems_;
  std::atomic<std::size_t> witnessed_{0};
  std::atomic<std::uint64_t> most_memory_{0};
  std::atomic<bool> dead_{false};
};

void SoakMutatedFiles::start() {
  server_.reset();
  std::error_code ignored;
  fs::remove_all(folder_.path() / "cache", ignored);
  server_ = std::make_unique<ServerProcess>(
      project_->root(), ServerProcess::Options{
                            .environment = {{"OFFLOADER_REFRESH_INTERVAL", "0"},
                                            {"OFFLOADER_ADMIN_TOKEN", "token"},
                                            {"OFFLOADER_ACCESS_LOG", "off"},
                                            {"OFFLOADER_LOG_LEVEL", "error"},
                                            {"OFFLOADER_POOL_WAIT_MS", "60000"},
                                            {"OFFLOADER_REFRESH_CONCURRENCY", "2"},
                                            {"OFFLOADER_DUCKDB_THREADS", "2"},
                                            {"OFFLOADER_DUCKDB_MEMORY_LIMIT", std::to_string(kDuckdbMemory)}},
                            .as_nobody = false,
                            .cache_dir = folder_.path() / "cache"});
  dead_ = false;
  ASSERT_TRUE(await([&] { return attempted(); })) << server_->log();
  for (const std::string& dataset : refused()) {
    ASSERT_TRUE(may_be_refused(dataset)) << dataset << " is not sound to begin with: " << datasets();
  }
}

// A shredded VARIANT may be rejected even if it is valid; it is included to test its decoder.
bool SoakMutatedFiles::may_be_refused(const std::string& dataset) const {
  const auto found = std::ranges::find(project_->seeds(), dataset, &Seed::dataset);
  return found != project_->seeds().end() && found->name == "variant.parquet";
}

json SoakMutatedFiles::datasets() const {
  HttpClient admin(server_->admin_port());
  const json all = json::parse(admin.get("/diagnostics", kToken).body, nullptr, false);
  return all.is_object() ? all["datasets"] : json::array();
}

// Returns whether every dataset has been tried once.
bool SoakMutatedFiles::attempted() const {
  const json all = datasets();
  return all.size() == project_->seeds().size() + 1 &&
         std::ranges::none_of(all, [](const json& one) { return one["last_attempted"].is_null(); });
}

std::vector<std::string> SoakMutatedFiles::refused() const {
  std::vector<std::string> out;
  for (const json& one : datasets()) {
    if (one["active_snapshot"].is_null()) out.push_back(one["dataset"].get<std::string>());
  }
  return out;
}

bool SoakMutatedFiles::alive() const {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(server_->pid()), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

// Publishes one case, refreshes, and queries the dataset's endpoints. Returns false if there was no answer.
bool SoakMutatedFiles::try_case(HttpClient& admin, HttpClient& api, const Case& one, bool manifests) {
  const Seed& seed = project_->seeds()[one.seed];
  if (manifests) {
    project_->offer_manifest(one.seed, one.content);
  } else {
    project_->offer(one.seed, one.number, one.content);
  }
  const Answer refreshed = admin.send("POST", "/datasets/" + seed.dataset + "/refresh", kToken);
  const Answer local = api.get("/v1/endpoints/" + seed.dataset + "?limit=1000");
  // The status does not matter: the file is read by the query itself, so its damage may fail the query.
  if (seed.scanned && api.get("/v1/endpoints/" + seed.dataset + "_scan?limit=1000").status == 0) return false;
  if (refreshed.status == 0 || local.status == 0) return false;
  const json report = json::parse(refreshed.body, nullptr, false);
  const std::string status = report.is_object() ? report.value("status", "") : "";
  const auto what = [&] {
    return fmt::format("{} snapshot s{} of {}: {}; ", seed.dataset, one.number, seed.name,
                       manifests ? one.content : describe_mutation(seed.bytes, one.content));
  };
  const std::lock_guard lock(results_mutex_);
  // Count the reasons of `failed`; a fault of the file should be `rejected`.
  const std::string reason = status == "failed" ? " (" + report["error"].dump() + ")" : "";
  ++outcomes_[refreshed.status == 200 ? status + reason : "HTTP " + std::to_string(refreshed.status)];
  if (refreshed.status != 200) problems_.push_back(what() + refreshed.body);
  if (status == "rejected" && report["findings"].empty())
    problems_.push_back(what() + "no findings: " + refreshed.body);
  // The rows are those of the last valid snapshot, or of the damaged one if it was accepted.
  if (!may_be_refused(seed.dataset) && (local.status != 200 || !json::accept(local.body)))
    problems_.push_back(what() + fmt::format("status {}: {}", local.status, local.body.substr(0, 300)));
  return true;
}

void SoakMutatedFiles::work(std::atomic<std::size_t>& next, std::size_t count, bool manifests,
                            const Make& make) {
  HttpClient admin(server_->admin_port());
  HttpClient api(server_->api_port());
  const std::size_t seeds = project_->seeds().size();
  while (!dead_) {
    const std::size_t index = next.fetch_add(1);
    if (index >= count) return;
    Case one{.seed = index % seeds, .number = 2 + index, .content = {}};
    const std::lock_guard one_at_a_time(seed_mutexes_[one.seed]);
    MutationRandom random(seed_ * 1'000'003 + index);
    one.content = make(*project_, one.seed, random);
    {
      const std::lock_guard lock(results_mutex_);
      in_flight_.push_back(one);
    }
    if (!try_case(admin, api, one, manifests)) {
      dead_ = true;
      return;
    }
    const std::lock_guard lock(results_mutex_);
    std::erase_if(in_flight_, [&](const Case& other) { return other.number == one.number; });
    if (!manifests && one.number > seeds + 2) project_->remove(one.seed, one.number - seeds);
  }
}

// Reads an undamaged dataset: every answer must succeed with the same rows.
void SoakMutatedFiles::witness(const std::atomic<bool>& over) {
  HttpClient api(server_->api_port());
  std::string expected;
  while (!over && !dead_) {
    const Answer answer = api.get("/v1/endpoints/witness?limit=1000");
    const json body = json::parse(answer.body, nullptr, false);
    const std::string data = body.is_object() && body.contains("data") ? body["data"].dump() : "";
    if (expected.empty()) expected = data;
    if (answer.status == 200 && !data.empty() && data == expected) {
      ++witnessed_;
    } else if (alive()) {
      const std::lock_guard lock(results_mutex_);
      problems_.push_back(fmt::format("witness: status {}: {}", answer.status, answer.body.substr(0, 300)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void SoakMutatedFiles::watch_memory(const std::atomic<bool>& over) {
  while (!over && !dead_) {
    most_memory_ = std::max(most_memory_.load(), server_->memory("RssAnon"));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void SoakMutatedFiles::keep(const Case& one) {
  const fs::path folder = fs::temp_directory_path() / "offloader-mutations";
  fs::create_directories(folder);
  const Seed& seed = project_->seeds()[one.seed];
  const fs::path file = folder / fmt::format("{}-{}-{}", seed_, one.number, seed.name);
  (void)write_file_atomically(file, one.content);
  ADD_FAILURE() << "the process ended while it had " << file.string() << ": "
                << describe_mutation(seed.bytes, one.content);
}

// After all damage, every seed is served again once a valid file is published.
void SoakMutatedFiles::expect_sound_seeds_are_served() {
  HttpClient admin(server_->admin_port());
  HttpClient api(server_->api_port());
  for (std::size_t i = 0; i < project_->seeds().size(); ++i) {
    const Seed& seed = project_->seeds()[i];
    if (may_be_refused(seed.dataset)) continue;
    project_->offer(i, 10'000'000, seed.bytes);
    const Answer refreshed = admin.send("POST", "/datasets/" + seed.dataset + "/refresh", kToken);
    EXPECT_EQ(json::parse(refreshed.body, nullptr, false).value("status", ""), "ok")
        << seed.name << refreshed.body;
    constexpr std::size_t kPage = 1000;
    const json page = json::parse(
        api.get("/v1/endpoints/" + seed.dataset + "?limit=" + std::to_string(kPage)).body, nullptr, false);
    EXPECT_EQ(page["data"].size(), std::min(static_cast<std::size_t>(seed.rows), kPage)) << seed.name;
  }
}

void SoakMutatedFiles::run(std::vector<Seed> seeds, std::size_t count, bool manifests, const Make& make) {
  std::printf("[ figures  ] seed %llu (OFFLOADER_MUTATION_SEED repeats it), %zu cases over %zu files\n",
              static_cast<unsigned long long>(seed_), count, seeds.size());
  project_ = std::make_unique<MutatedProject>(folder_.path() / "project", std::move(seeds));
  ASSERT_NO_FATAL_FAILURE(start());
  std::atomic<std::size_t> next{0};
  std::size_t deaths = 0;
  pid_t first = server_->pid();
  while (next < count && deaths < 20) {
    std::atomic<bool> over{false};
    std::thread witnessing([&] { witness(over); });
    std::thread watching([&] { watch_memory(over); });
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < kWorkers; ++i)
      workers.emplace_back([&] { work(next, count, manifests, make); });
    for (std::thread& worker : workers) worker.join();
    over = true;
    witnessing.join();
    watching.join();
    if (!dead_) break;
    ++deaths;
    for (const Case& one : in_flight_) keep(one);
    for (std::size_t i = 0; i < project_->seeds().size(); ++i)
      project_->offer(i, 1, project_->seeds()[i].bytes);
    in_flight_.clear();
    ASSERT_NO_FATAL_FAILURE(start());
  }
  EXPECT_EQ(deaths, 0U);
  if (deaths == 0) {
    EXPECT_EQ(server_->pid(), first);
  }
  EXPECT_TRUE(alive());
  for (std::size_t i = 0; i < std::min<std::size_t>(problems_.size(), 10); ++i) ADD_FAILURE() << problems_[i];
  EXPECT_EQ(problems_.size(), 0U);
  EXPECT_GT(witnessed_, 0U);
  if (!kSanitized) {
    EXPECT_LT(most_memory_, kMemoryBound);
  }
  expect_sound_seeds_are_served();
  std::string counts;
  for (const auto& [outcome, times] : outcomes_) counts += fmt::format(" {} {};", outcome, times);
  std::printf("[ figures  ] outcomes:%s answers of the witness: %zu; most RssAnon: %llu MB\n", counts.c_str(),
              witnessed_.load(), static_cast<unsigned long long>(most_memory_ >> 20));
  EXPECT_EQ(server_->stop(), 0) << server_->log();
}

TEST_F(SoakMutatedFiles, Refresh_DamagedParquet_NeverEndsTheProcess) {
  run(MutatedProject::parquet_seeds(scratch()), cases(2'000), false,
      [](const MutatedProject& project, std::size_t seed, MutationRandom& random) {
        return mutate_bytes(project.seeds()[seed].bytes, random);
      });
}

TEST_F(SoakMutatedFiles, Refresh_DamagedCsv_NeverEndsTheProcess) {
  run(MutatedProject::csv_seeds(scratch()), cases(2'000), false,
      [](const MutatedProject& project, std::size_t seed, MutationRandom& random) {
        const Seed& sound = project.seeds()[seed];
        return sound.suffix == ".csv" ? mutate_text(sound.bytes, random) : mutate_bytes(sound.bytes, random);
      });
}

TEST_F(SoakMutatedFiles, Refresh_DamagedManifest_NeverEndsTheProcess) {
  run(MutatedProject::csv_seeds(scratch()), cases(500), true,
      [](const MutatedProject& project, std::size_t seed, MutationRandom& random) {
        return mutate_text(project.manifest_text(seed, 1), random);
      });
}

}  // namespace
}  // namespace offloader::app
