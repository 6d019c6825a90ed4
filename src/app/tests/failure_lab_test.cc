// Each folder of examples/failure-lab shows one fault. Its README says what must happen, and its expect.yml
// says so to this test.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(fs::path(OFFLOADER_SOURCE_DIR) / "examples/failure-lab")) {
    if (entry.is_directory()) out.push_back(entry.path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class FailureLab : public ::testing::TestWithParam<std::string> {};

std::set<std::string> codes_of(const catalog::Findings& findings) {
  std::set<std::string> codes;
  for (const catalog::Finding& finding : findings) codes.insert(finding.code);
  return codes;
}

// Returns the dataset's status after the first scheduled attempt.
refresh::DatasetStatus scheduled_status(TestServer& server, const std::string& dataset) {
  while (true) {
    for (const auto& status : server.server().refresh_status().datasets) {
      if (status.dataset == dataset && status.last_attempted) return status;
    }
    std::this_thread::yield();
  }
}

void expect_rejected(TestServer& server, const YAML::Node& expected) {
  const auto dataset = expected["dataset"].as<std::string>();
  std::set<std::string> wanted;
  for (const YAML::Node& code : expected["codes"]) wanted.insert(code.as<std::string>());
  const auto scheduled = scheduled_status(server, dataset);
  EXPECT_EQ(scheduled.last_attempted->status, refresh::Outcome::rejected) << scheduled.refresh_error;
  EXPECT_EQ(codes_of(scheduled.findings), wanted) << catalog::to_text(scheduled.findings);
  EXPECT_FALSE(scheduled.manifest_valid);
  const auto report = server.server().refresh_and_wait(dataset);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->status, refresh::Outcome::rejected) << report->error;
  EXPECT_EQ(codes_of(report->findings), wanted) << catalog::to_text(report->findings);
  EXPECT_FALSE(server.server().ready());
}

void expect_served(TestServer& server, const YAML::Node& expected) {
  ASSERT_TRUE(server.await_ready()) << server.failure();
  const YAML::Node request = expected["request"];
  std::string target = "/v1/endpoints/" + request["endpoint"].as<std::string>();
  const char* between = "?";
  for (const auto& param : request["params"]) {
    target += between + param.first.as<std::string>() + "=" + param.second.as<std::string>();
    between = "&";
  }
  HttpClient client(server.api_port());
  const Answer answer = client.get(target, {"authorization: Bearer " + request["token"].as<std::string>()});
  EXPECT_EQ(answer.status, expected["expect"]["status"].as<int>()) << answer.body;
  for (const YAML::Node& text : expected["expect"]["absent"]) {
    EXPECT_THAT(answer.body, ::testing::Not(::testing::HasSubstr(text.as<std::string>())));
  }
  if (expected["expect"]["rows"]) {
    EXPECT_EQ(nlohmann::json::parse(answer.body)["data"].size(),
              expected["expect"]["rows"].as<std::size_t>());
  }
}

TEST_P(FailureLab, Refresh_ScheduledAndForced_EndsAsItsFolderSays) {
  const fs::path folder = fs::path(OFFLOADER_SOURCE_DIR) / "examples/failure-lab" / GetParam();
  const YAML::Node expected = YAML::LoadFile((folder / "expect.yml").string());
  const TemporaryFolder cache;
  TestServer server(folder, cache.path());
  ASSERT_TRUE(server.started()) << server.failure();
  if (expected["outcome"].as<std::string>() == "rejected") {
    expect_rejected(server, expected);
  } else {
    expect_served(server, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, FailureLab, ::testing::ValuesIn(cases()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Examples, Start_FiftyDatasetsAndAHundredEndpoints_Serves) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    fs::create_directories((folder.path() / name).parent_path());
    ASSERT_TRUE(write_file_atomically(folder.path() / name, text).has_value());
  };
  write("offloader.yml", "version: 1\nauth: none\n");
  for (int i = 0; i < 50; ++i) {
    const std::string id = "d" + std::to_string(i);
    write("datasets/" + id + ".yml",
          "id: " + id + "\nmanifest: data/" + id +
              ".json\nschema: [{name: k, type: VARCHAR}, {name: n, type: BIGINT}]\n");
    write("data/" + id + ".csv", "k,n\na,1\nb,2\n");
    write(
        "data/" + id + ".json",
        R"({"dataset_id":")" + id +
            R"(","snapshot_id":"s1","created_at":"2026-01-01T00:00:00Z","watermark":"2026-01-01T00:00:00Z",)"
            R"("schema":[{"name":"k","type":"VARCHAR"},{"name":"n","type":"BIGINT"}],"files":[{"path":")" +
            id +
            R"(.csv","format":"csv"}],"partition_columns":[],"sort_columns":[],"row_count":2,"size_bytes":12,)"
            R"("producer":"t","upstream_run_id":"r","schema_version":1,"data_quality_status":"passed",)"
            R"("compatibility_policy":"exact"})");
    for (const char* kind : {"rows", "total"}) {
      const std::string name = id + "_" + kind;
      const bool total = std::string(kind) == "total";
      write("endpoints/" + name + ".yml", "name: " + name + "\nversion: 1\ndataset: " + id +
                                              "\nquery: {select: [{as: n, column: n" +
                                              (total ? ", agg: sum" : "") + "}]}\ncolumns: [n]\n");
    }
  }
  const TemporaryFolder cache;
  TestServer server(folder.path(), cache.path());
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();
  HttpClient client(server.api_port());
  EXPECT_THAT(client.get("/v1/endpoints/d49_total").body, ::testing::StartsWith(R"({"data":[{"n":3}])"));
  EXPECT_THAT(client.get("/v1/endpoints/d0_rows").body,
              ::testing::StartsWith(R"({"data":[{"n":1},{"n":2}])"));
}

TEST(Examples, PublicMetrics_NoKey_ServesNestedColumns) {
  const TemporaryFolder cache;
  TestServer server(fs::path(OFFLOADER_SOURCE_DIR) / "examples/public-metrics", cache.path());
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();
  HttpClient admin(server.admin_port());
  const auto schema = nlohmann::json::parse(admin.get("/schema").body);
  HttpClient client(server.api_port());
  bool nested = false;
  for (const auto& endpoint : schema["endpoints"]) {
    const Answer answer = client.get(endpoint["path"].get<std::string>());
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.headers.at("cache-control"), ::testing::StartsWith("public, max-age="));
    const auto data = nlohmann::json::parse(answer.body)["data"];
    ASSERT_FALSE(data.empty());
    for (const auto& value : data[0]) nested = nested || value.is_object();
  }
  EXPECT_TRUE(nested);
}

}  // namespace
}  // namespace offloader::app
