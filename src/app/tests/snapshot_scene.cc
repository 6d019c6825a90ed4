#include "snapshot_scene.h"

#include <algorithm>
#include <map>
#include <thread>

#include "await.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kAdminToken = "admin-token-of-this-test-alone";
constexpr std::size_t kConnections = 32;

// Describes a dataset's folder that does not hold exactly two snapshots; otherwise empty.
std::string disorder_of(const fs::path& folder) {
  std::map<std::string, int> count;
  std::string names;
  std::error_code error;
  fs::directory_iterator each(folder, error);
  for (; !error && each != fs::directory_iterator(); each.increment(error)) {
    const fs::path name = each->path().filename();
    names += " " + name.string();
    ++count[name == "state.json" ? "marks" : name.extension().string()];
  }
  const std::map<std::string, int> with_index = {{"marks", 1}, {".duckdb", 2}, {".index", 2}, {".json", 2}};
  const std::map<std::string, int> without = {{"marks", 1}, {".duckdb", 2}, {".json", 2}};
  return count == with_index || count == without ? "" : folder.filename().string() + ":" + names + "\n";
}

}  // namespace

void SnapshotScene::make_project(std::size_t datasets, std::int64_t rows) {
  project_ = std::make_unique<NumberedProject>(folder_.path() / "project", datasets, rows);
}

void SnapshotScene::launch(std::map<std::string, std::string> environment) {
  environment.emplace("OFFLOADER_ACCESS_LOG", "off");
  environment.emplace("OFFLOADER_LOG_LEVEL", "warning");
  environment.emplace("OFFLOADER_ADMIN_TOKEN", kAdminToken);
  environment.emplace("OFFLOADER_REFRESH_INTERVAL", "0");
  // Long enough that a busy machine sheds none of these requests.
  environment.emplace("OFFLOADER_POOL_WAIT_MS", "60000");
  server_.reset();
  server_ = std::make_unique<ServerProcess>(
      project_->root(),
      ServerProcess::Options{.environment = environment, .cache_dir = folder_.path() / "cache"});
  api_ = std::make_unique<HttpClient>(server_->api_port());
  admin_ = std::make_unique<HttpClient>(server_->admin_port());
}

void SnapshotScene::start(std::map<std::string, std::string> environment) {
  launch(std::move(environment));
  ASSERT_TRUE(server_->await_ready()) << server_->log();
}

LoadPlan SnapshotScene::readers() const {
  LoadPlan plan;
  plan.port = server_->api_port();
  plan.connections = kConnections;
  plan.duration = std::chrono::hours(2);
  plan.request = [this](std::uint64_t n) { return project_->request(n); };
  plan.judge = [this](std::uint64_t n, int status, std::string_view body) {
    return project_->judge(n, status, body);
  };
  return plan;
}

void SnapshotScene::expect_sound(const char* what, const LoadResult& seen) {
  std::printf("%s: %llu sound answers in %.1f s (%.0f/s), p99 %.2f ms; %llu wrong, %llu connections lost\n",
              what, static_cast<unsigned long long>(seen.ok.count()), seen.seconds, seen.rate(),
              seen.ok.quantile_ms(0.99), static_cast<unsigned long long>(seen.wrong),
              static_cast<unsigned long long>(seen.errors));
  std::fflush(stdout);
  EXPECT_EQ(seen.wrong, 0U) << seen.first_wrong.data();
  EXPECT_EQ(seen.errors + seen.other + seen.shed.count(), 0U);
  EXPECT_GT(seen.ok.count(), kConnections);
}

json SnapshotScene::refresh(const std::string& dataset) {
  return json::parse(post("/datasets/" + dataset + "/refresh").body, nullptr, false);
}

Answer SnapshotScene::post(const std::string& target) {
  return admin_->send("POST", target, {std::string("authorization: Bearer ") + kAdminToken});
}

std::optional<NumberedProject::Seen> SnapshotScene::page(std::size_t dataset, std::string_view token_of) {
  const Answer answer = api_->get("/v1/endpoints/" + NumberedProject::id(dataset) + "_page",
                                  {"authorization: Bearer " + NumberedProject::token(token_of)});
  return answer.status == 200 ? NumberedProject::seen(answer.body) : std::nullopt;
}

int SnapshotScene::status_of(const std::string& endpoint, std::string_view token_of) {
  return api_->get("/v1/endpoints/" + endpoint, {"authorization: Bearer " + NumberedProject::token(token_of)})
      .status;
}

json SnapshotScene::diagnostics() {
  return json::parse(admin_->get("/diagnostics", {std::string("authorization: Bearer ") + kAdminToken}).body,
                     nullptr, false);
}

std::string SnapshotScene::disorder() const {
  std::string out;
  for (std::size_t dataset = 0; dataset < project_->datasets(); ++dataset)
    out += disorder_of(server_->cache_dir() / "datasets" / NumberedProject::id(dataset));
  return out;
}

std::string SnapshotScene::await_settled() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  std::string left;
  do {
    left = disorder();
    for (const std::string& file : server_->deleted_files()) left += file + "\n";
    if (left.empty()) return left;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  } while (std::chrono::steady_clock::now() < until);
  return left;
}

std::size_t SnapshotScene::settled_files() {
  EXPECT_EQ(await_settled(), "");
  return server_->open_files().size();
}

bool SnapshotScene::await(const std::function<bool()>& condition) {
  return app::await(condition, std::chrono::minutes(2));
}

}  // namespace offloader::app
