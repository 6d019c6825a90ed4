// snapshots.md, "A build that died": the real program is killed during a build and restarted over its cache.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "await.h"
#include "numbers_project.h"
#include "offloader/base/file.h"
#include "offloader/transport/testing/fake_server.h"
#include "server_process.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class DiedBuildProcess : public ::testing::Test {
 protected:
  DiedBuildProcess() {
    // The data of one dataset arrives so slowly that its build takes minutes, and another dataset is
    // independent of it.
    store_.set_bandwidth(4'000);
    numbers::write_project(project());
    write("offloader.yml", "version: 1\nauth: none\nallowed_origins: [\"" + store_.url() + "\"]\n");
    write("data/numbers.json", numbers::manifest_text(1, kRows, store_.url() + "/numbers.csv", ""));
    write("datasets/small.yml", "id: small\nmanifest: data/small.json\nschema: [{name: k, type: VARCHAR}]\n");
    write("endpoints/small.yml",
          "name: small\nversion: 1\ndataset: small\nquery: {select: [{as: k, column: k}]}\ncolumns: [k]\n");
    write("data/small.csv", "k\na\n");
    write(
        "data/small.json",
        R"({"dataset_id":"small","snapshot_id":"s1","created_at":"2026-01-01T00:00:00Z",)"
        R"("watermark":"2026-01-01T00:00:00Z","schema":[{"name":"k","type":"VARCHAR"}],)"
        R"("files":[{"path":"small.csv","format":"csv"}],"partition_columns":[],"sort_columns":[],"row_count":1,)"
        R"("size_bytes":4,"producer":"t","upstream_run_id":"r","schema_version":1,"data_quality_status":"passed",)"
        R"("compatibility_policy":"exact"})");
  }
  fs::path project() const { return folder_.path() / "project"; }
  fs::path cache() const { return folder_.path() / "cache"; }
  fs::path mark() const { return cache() / "marks" / "numbers.building.json"; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((project() / name).parent_path());
    std::ofstream(project() / name, std::ios::trunc) << text;
  }
  void start() {
    server_ = std::make_unique<ServerProcess>(
        project(), ServerProcess::Options{.environment = {{"OFFLOADER_REFRESH_INTERVAL", "0"},
                                                          {"OFFLOADER_ADMIN_TOKEN", "token"},
                                                          {"OFFLOADER_DRAIN_SECONDS", "60"},
                                                          {"OFFLOADER_ACCESS_LOG", "off"}},
                                          .as_nobody = false,
                                          .cache_dir = cache()});
  }
  bool small_serves() const {
    return HttpClient(server_->api_port()).get("/v1/endpoints/small").status == 200;
  }
  json status() const {
    const Answer answer =
        HttpClient(server_->admin_port()).send("GET", "/diagnostics", {"authorization: Bearer token"});
    const json body = json::parse(answer.body, nullptr, false);
    for (const json& dataset : body.is_object() ? body.value("datasets", json::array()) : json::array()) {
      if (dataset["dataset"] == "numbers") return dataset;
    }
    return {{"last_attempted", nullptr}};
  }

  static constexpr std::int64_t kRows = 20'000;
  const std::shared_ptr<const std::string> csv_ = std::make_shared<std::string>(numbers::csv_text(1, kRows));
  transport::testing::FakeServer store_{[this](const transport::testing::Request& request) {
    transport::testing::Answer answer;
    answer.content = csv_;
    answer.length = csv_->size();
    answer.headers = {{"ETag", "\"v1\""}};
    const std::string range = request.header("range");
    if (range.empty()) return answer;
    const auto dash = range.find('-');
    answer.offset = std::stoull(range.substr(6, dash - 6));
    answer.length = std::stoull(range.substr(dash + 1)) + 1 - answer.offset;
    answer.status = 206;
    answer.headers.emplace_back("Content-Range",
                                "bytes " + range.substr(6) + "/" + std::to_string(csv_->size()));
    return answer;
  }};
  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(DiedBuildProcess, Restart_AfterAKilledBuild_DoesNotRetryItAndServesTheOther) {
  start();
  ASSERT_TRUE(await([&] { return fs::exists(mark()); }, std::chrono::minutes(1))) << server_->log();
  server_->kill();
  ASSERT_TRUE(fs::exists(mark())) << "the build was over before it could be killed";
  for (int restart = 0; restart < 3; ++restart) {
    start();
    ASSERT_TRUE(await([&] { return small_serves() && status()["last_attempted"].is_object(); },
                      std::chrono::minutes(1)))
        << server_->log();
    const json numbers = status();
    EXPECT_EQ(numbers["last_attempted"]["status"], "failed") << numbers.dump();
    EXPECT_EQ(numbers["findings"][0]["code"], "build_died");
    EXPECT_TRUE(numbers["active_snapshot"].is_null());
    server_->kill();
  }
  store_.set_bandwidth(0);
  start();
  ASSERT_TRUE(await([&] { return small_serves(); })) << server_->log();
  const Answer forced = HttpClient(server_->admin_port())
                            .send("POST", "/datasets/numbers/refresh", {"authorization: Bearer token"});
  EXPECT_EQ(json::parse(forced.body)["status"], "ok") << forced.body;
}

TEST_F(DiedBuildProcess, Restart_AfterTwoSignals_BuildsAgain) {
  start();
  ASSERT_TRUE(await([&] { return fs::exists(mark()); }, std::chrono::minutes(1))) << server_->log();
  server_->signal(SIGTERM);
  ASSERT_TRUE(await([&] { return !fs::exists(mark()); }, std::chrono::minutes(1)));
  server_->signal(SIGTERM);
  (void)server_->await_exit();
  store_.set_bandwidth(0);
  start();
  EXPECT_TRUE(server_->await_ready()) << server_->log();
  EXPECT_EQ(status()["last_attempted"]["status"], "ok");
}

}  // namespace
}  // namespace offloader::app
