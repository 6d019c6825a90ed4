// A reload adds an endpoint: the index answers it without a new snapshot, and no request fails.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "await.h"
#include "numbers_project.h"
#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"

namespace offloader::app {
namespace {

using nlohmann::json;

const std::vector<std::string> kToken = {"authorization: Bearer token"};
constexpr std::int64_t kRowCount = 20'000;

class EndpointIndex : public ::testing::Test {
 protected:
  EndpointIndex() {
    numbers::write_project(project());
    std::filesystem::remove(project() / "endpoints/scan.yml");  // so that no endpoint uses `note` yet
    numbers::publish(project(), 1, kRowCount);
    server_.emplace(project(), folder_.path() / "cache", TestServerOptions{.admin_token = "token"});
  }
  std::filesystem::path project() const { return folder_.path() / "project"; }

  void add_endpoint() {
    ASSERT_TRUE(write_file_atomically(
        project() / "endpoints/notes.yml",
        "name: notes\nversion: 1\ndataset: numbers\nparams: [{name: from, type: integer}]\n"
        "query:\n  select: [{as: id, column: id}, {as: note, column: note}]\n"
        "  filters: [{column: id, op: gte, param: from}]\n  order_by: [{column: id, dir: asc}]\n"
        "columns: [id, note]\npagination: {default_limit: 20, max_limit: 1000}\ncache: {policy: none}\n"));
  }
  std::string notes() {
    HttpClient api(server_->api_port());
    const Answer answer = api.get("/v1/endpoints/notes?from=12345&limit=100");
    const json body = json::parse(answer.body, nullptr, false);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return body.is_object() ? body["data"].dump() : "";
  }
  double metric(const std::string& series) {
    HttpClient admin(server_->admin_port());
    const std::string text = admin.get("/metrics").body;
    const auto at = text.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + series.size() + 2, nullptr);
  }
  // Returns which executor answers `notes`. Requires: no other requests run meanwhile.
  std::string executor_of_notes() {
    for (const char* executor : {"index", "duckdb"}) {
      const std::string series = fmt::format("offloader_queries_total{{executor=\"{}\"}}", executor);
      const double before = metric(series);
      (void)notes();
      if (metric(series) > before) return executor;
    }
    return "nobody";
  }

  TemporaryFolder folder_;
  std::optional<TestServer> server_;
};

TEST_F(EndpointIndex, Reload_NewEndpointUnderLoad_IsIndexedWithoutFailures) {
  ASSERT_TRUE(server_->started()) << server_->failure();
  ASSERT_TRUE(server_->await_ready()) << server_->failure();
  // Gauges follow a publication, never precede it.
  ASSERT_TRUE(await([&] { return metric("offloader_snapshot_indexed{dataset=\"numbers\"}") == 1; }));
  std::atomic<bool> over{false};
  std::atomic<int> answers{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&, i] {
      HttpClient api(server_->api_port());
      for (int n = i; !over; n += 2) {
        const Answer answer = api.get(fmt::format("/v1/endpoints/rows?limit=50&offset={}", n % 10'000));
        const json body = json::parse(answer.body, nullptr, false);
        ++answers;
        if (answer.status != 200 || body["data"].size() != 50 || body["data"][0]["id"] != n % 10'000)
          ++failed;
      }
    });
  }
  add_endpoint();
  HttpClient admin(server_->admin_port());
  const Answer reloaded = admin.send("POST", "/config/reload", kToken);
  EXPECT_EQ(json::parse(reloaded.body, nullptr, false)["result"], "applied") << reloaded.body;
  const std::string before = notes();
  EXPECT_TRUE(await([&] { return metric("offloader_snapshot_indexed{dataset=\"numbers\"}") == 1; }));
  EXPECT_TRUE(await([&] { return answers > 50; }));
  over = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(executor_of_notes(), "index");
  EXPECT_EQ(notes(), before);
  const json diagnostics = json::parse(admin.get("/diagnostics", kToken).body, nullptr, false);
  EXPECT_EQ(diagnostics["datasets"][0]["index"]["state"], "ready");
  EXPECT_EQ(diagnostics["datasets"][0]["previous_snapshot"], nullptr) << "no snapshot was built for it";
}

// With OFFLOADER_INDEX=off, an index is not missing.
TEST(IndexOff, Diagnostics_IndexDisabled_ShowNoIndex) {
  TemporaryFolder folder;
  numbers::write_project(folder.path() / "project");
  numbers::publish(folder.path() / "project", 1, 10);
  TestServer server(folder.path() / "project", folder.path() / "cache",
                    TestServerOptions{.use_index = false, .admin_token = "token"});
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();
  HttpClient admin(server.admin_port());
  EXPECT_THAT(admin.get("/metrics").body,
              ::testing::HasSubstr("offloader_snapshot_indexed{dataset=\"numbers\"} NaN"));
  EXPECT_EQ(json::parse(admin.get("/diagnostics", kToken).body)["datasets"][0]["index"], nullptr);
}

}  // namespace
}  // namespace offloader::app
