// The admin port of the real server: what it shows, what it does, and for whom.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "await.h"
#include "bucket_scene.h"
#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/duckdb/testing/data_file.h"
#include "offloader/executor/testing/random_project.h"
#include "offloader/transport/testing/fake_server.h"
#include "test_server.h"

namespace offloader::app {
namespace {

namespace model = executor::testing::model;
using duckdb::testing::write_parquet;

using nlohmann::json;
using ::testing::HasSubstr;

const std::vector<std::string> kToken = {"authorization: Bearer operators-token"};

class AdminPort : public ::testing::Test {
 protected:
  void SetUp() override {
    model::Random random(1);
    project_ = model::random_project(random);
    model::write_project(project_, folder_.path() / "project", write_parquet);
    start("operators-token");
  }

  void start(const std::string& token) {
    server_.reset();
    server_ = std::make_unique<TestServer>(folder_.path() / "project", folder_.path() / "cache",
                                           TestServerOptions{.use_index = true, .admin_token = token});
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
  }

  Answer call(const std::string& method, const std::string& path,
              const std::vector<std::string>& headers = kToken) {
    HttpClient client(server_->admin_port());
    return client.send(method, path, headers);
  }

  void publish(int number) {
    model::Random random(static_cast<std::uint64_t>(number));
    model::refill(project_.tables[0], project_.tenants, number, random);
    model::write_snapshot(project_.tables[0], folder_.path() / "project", write_parquet);
  }

  TemporaryFolder folder_;
  model::Project project_;
  std::unique_ptr<TestServer> server_;
};

// Expects {"error":{"family","message"},"meta":{"request_id"}} in a response that must not be cached.
void expect_envelope(const Answer& answer, int status, const std::string& family) {
  EXPECT_EQ(answer.status, status) << answer.body;
  const json body = json::parse(answer.body, nullptr, false);
  ASSERT_TRUE(body.is_object()) << answer.body;
  EXPECT_EQ(body["error"]["family"], family) << answer.body;
  EXPECT_FALSE(body["error"]["message"].get<std::string>().empty());
  EXPECT_FALSE(body["meta"]["request_id"].get<std::string>().empty());
  EXPECT_EQ(answer.headers.at("x-request-id"), body["meta"]["request_id"]);
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
}

const std::vector<std::pair<const char*, const char*>> kGated = {{"GET", "/diagnostics"},
                                                                 {"GET", "/support-bundle"},
                                                                 {"GET", "/usage"},
                                                                 {"POST", "/datasets/d0/refresh"},
                                                                 {"POST", "/datasets/d0/rollback"},
                                                                 {"POST", "/datasets/nobody/refresh"},
                                                                 {"POST", "/datasets/d0/no-such-action"},
                                                                 {"POST", "/config/reload"}};

TEST_F(AdminPort, GatedRoutes_MissingOrWrongToken_AreUnauthorized) {
  int wrong_tokens = 0;
  for (const auto& [method, path] : kGated) {
    SCOPED_TRACE(path);
    for (const std::vector<std::string>& wrong :
         std::vector<std::vector<std::string>>{{},
                                               {"authorization: Bearer wrong"},
                                               {"authorization: Bearer "},
                                               {"authorization: Bearer operators-token2"},
                                               {"authorization: Bearer operators-toke"},
                                               {"authorization: operators-token"},
                                               {"authorization: Basic operators-token"},
                                               {kToken[0], kToken[0]},
                                               {"authorization: Bearer wrong", kToken[0]}}) {
      const Answer denied = call(method, path, wrong);
      if (!wrong.empty() && ++wrong_tokens >= 10) {
        expect_envelope(denied, 429, "rate_limited");
        EXPECT_GE(std::stoi(denied.headers.at("retry-after")), 1);
        continue;
      }
      expect_envelope(denied, 401, "unauthorized");
      EXPECT_EQ(denied.headers.at("www-authenticate"), "Bearer");
    }
  }
  const json status = json::parse(call("GET", "/diagnostics").body)["datasets"][0];
  EXPECT_EQ(status["last_attempted"]["status"], "ok")
      << "none of those did anything, and the right token works";
  EXPECT_THAT(call("GET", "/metrics", {}).body,
              HasSubstr("\noffloader_admin_auth_failures_total " + std::to_string(kGated.size() * 9) + "\n"));
}

TEST_F(AdminPort, GatedRoutes_NoTokenConfigured_AreDisabled) {
  start("");
  for (const auto& [method, path] : kGated) {
    SCOPED_TRACE(path);
    for (const std::vector<std::string>& headers :
         std::vector<std::vector<std::string>>{{}, kToken, {"authorization: Bearer "}, {"authorization:"}}) {
      const Answer closed = call(method, path, headers);
      expect_envelope(closed, 403, "disabled");
      EXPECT_THAT(closed.body, HasSubstr("OFFLOADER_ADMIN_TOKEN"));
    }
  }
  EXPECT_EQ(call("GET", "/ready", {}).status, 200) << "probes need none";
}

TEST_F(AdminPort, OpenRoutes_NoToken_AnswerAndAreReadOnly) {
  const std::vector<std::pair<const char*, const char*>> open = {
      {"/live", "application/json"},        {"/ready", "application/json"}, {"/status", "application/json"},
      {"/metrics", "text/plain"},           {"/docs", "application/json"},  {"/schema", "application/json"},
      {"/openapi.json", "application/json"}};
  for (const auto& [path, type] : open) {
    SCOPED_TRACE(path);
    const Answer got = call("GET", path, {});
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.headers.at("content-type"), ::testing::StartsWith(type));
    EXPECT_EQ(got.headers.at("x-content-type-options"), "nosniff");
    const Answer head = call("HEAD", path, {});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    const Answer posted = call("POST", path, kToken);
    expect_envelope(posted, 405, "method_not_allowed");
    EXPECT_EQ(posted.headers.at("allow"), "GET, HEAD");
  }
  EXPECT_EQ(call("GET", "/live", {}).body, R"({"status":"ok"})");
  EXPECT_EQ(call("GET", "/ready", {}).body, R"({"status":"ok","ready":true})");
  const json status = json::parse(call("GET", "/status", {}).body);
  EXPECT_EQ(status["status"], "ok");
  EXPECT_EQ(status["service"], "offloader");
  EXPECT_EQ(status["version"], OFFLOADER_VERSION);
  EXPECT_EQ(status["ready"], true);
  EXPECT_TRUE(status["uptime_seconds"].is_number_integer());
  EXPECT_EQ(status.size(), 5U);
}

TEST_F(AdminPort, Routes_UnknownPathOrMethod_AreNotFoundOrNotAllowed) {
  for (const char* path : {"/", "/nothing", "/metrics/", "/Live", "/v1/endpoints/e0", "/healthz"})
    expect_envelope(call("GET", path), 404, "not_found");
  expect_envelope(call("POST", "/datasets/nobody/refresh"), 404, "not_found");
  expect_envelope(call("POST", "/datasets/nobody/rollback"), 404, "not_found");
  expect_envelope(call("POST", "/datasets/d0/no-such-action"), 404, "not_found");
  for (const auto& [method, path] :
       std::vector<std::pair<const char*, const char*>>{{"GET", "/datasets/d0/refresh"},
                                                        {"DELETE", "/datasets/d0/rollback"},
                                                        {"GET", "/config/reload"},
                                                        {"POST", "/diagnostics"},
                                                        {"POST", "/support-bundle"}}) {
    const Answer wrong = call(method, path);
    expect_envelope(wrong, 405, "method_not_allowed");
    EXPECT_TRUE(wrong.headers.contains("allow"));
  }
}

double metric(const std::string& text, const std::string& series) {
  const auto at = text.find("\n" + series + " ");
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + series.size() + 2, nullptr);
}

class RefreshFromABucket : public BucketScene {};
INSTANTIATE_TEST_SUITE_P(Stores, RefreshFromABucket, ::testing::Values("s3"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(RefreshFromABucket, Refresh_ManyRequestsWhileOneRuns_AreCoalesced) {
  put_project("prod/");
  publish("prod/", 1, 5);
  TestServer server(url("prod"), cache_.path(), TestServerOptions{.admin_token = "operators-token"});
  ASSERT_TRUE(server.started() && server.await_ready()) << server.failure();
  HttpClient client(server.admin_port());
  const auto ran = [&] {
    return metric(client.get("/metrics").body, R"(offloader_refresh_total{dataset="numbers",outcome="ok"})");
  };
  const auto ask = [&] {
    const Answer accepted = client.send("POST", "/datasets/numbers/refresh?wait=false", kToken);
    ASSERT_EQ(accepted.status, 202);
    EXPECT_EQ(json::parse(accepted.body), (json{{"dataset", "numbers"}, {"status", "accepted"}}));
  };
  expect_envelope(client.send("POST", "/datasets/numbers/refresh?wait=perhaps", kToken), 422,
                  "invalid_param");
  const double before = ran();
  // The store holds the first refresh until all others have been asked for.
  struct Hold {
    std::atomic<bool> reached{false};
    std::atomic<bool> released{false};
  };
  const auto hold = std::make_shared<Hold>();
  transport::testing::Fault held;
  held.before = [hold] {
    hold->reached = true;
    await([hold] { return hold->released.load(); });
  };
  store().inject({.path_contains = "manifest.json", .times = 1, .fault = std::move(held)});
  ASSERT_NO_FATAL_FAILURE(ask());
  ASSERT_TRUE(await([&] { return hold->reached.load(); }));
  for (int i = 0; i < 30; ++i) ASSERT_NO_FATAL_FAILURE(ask());
  EXPECT_EQ(ran(), before) << "the first one still runs";
  hold->released = true;
  const json report = json::parse(client.send("POST", "/datasets/numbers/refresh", kToken).body);
  std::vector<std::string> keys;
  for (const auto& [key, value] : report.items()) keys.push_back(key);
  EXPECT_THAT(keys, ::testing::UnorderedElementsAre("dataset", "status", "snapshot_id", "error", "findings",
                                                    "findings_total", "duration_ms"));
  EXPECT_EQ(report["status"], "ok");
  // The first one, one for all the others, and another for the report if that one had already begun.
  EXPECT_GE(ran() - before, 2);
  EXPECT_LE(ran() - before, 3);
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

TEST_F(AdminPort, Diagnostics_AfterARollback_HaveEveryField) {
  using ::testing::UnorderedElementsAre;
  publish(2);
  ASSERT_EQ(call("POST", "/datasets/d0/refresh").status, 200);
  ASSERT_EQ(call("POST", "/datasets/d0/rollback").status, 200);
  const Answer answer = call("GET", "/diagnostics");
  const json all = json::parse(answer.body);
  EXPECT_THAT(keys_of(all), UnorderedElementsAre("build_version", "config_version", "object_store_mode",
                                                 "started_at", "duckdb_status", "duckdb_version", "ready",
                                                 "pool", "disk", "memory", "config_sync", "datasets"));
  EXPECT_EQ(all["build_version"], OFFLOADER_VERSION);
  EXPECT_EQ(all["duckdb_status"], "ok");
  EXPECT_EQ(all["ready"], true);
  EXPECT_THAT(all["started_at"].get<std::string>(), ::testing::MatchesRegex("20..-..-..T..:..:..Z"));
  EXPECT_THAT(keys_of(all["pool"]),
              UnorderedElementsAre("connections", "busy", "waiting", "saturated", "remote_cap"));
  EXPECT_EQ(all["pool"]["connections"], 4);
  EXPECT_EQ(all["pool"]["remote_cap"], 3);
  EXPECT_EQ(all["pool"]["saturated"], false);
  EXPECT_THAT(keys_of(all["disk"]), UnorderedElementsAre("cache_dir_free_bytes", "cache_dir_used_bytes"));
  EXPECT_GT(all["disk"]["cache_dir_used_bytes"], 0);
  EXPECT_THAT(keys_of(all["memory"]),
              UnorderedElementsAre("rss_bytes", "duckdb_bytes", "response_cache_bytes"));
  EXPECT_GT(all["memory"]["rss_bytes"], 1 << 20);
  EXPECT_THAT(keys_of(all["config_sync"]),
              UnorderedElementsAre("enabled", "result", "error", "last_checked", "last_applied", "findings",
                                   "findings_total"));
  EXPECT_EQ(all["config_sync"]["result"], "disabled");
  ASSERT_EQ(all["datasets"].size(), project_.tables.size());
  for (const json& dataset : all["datasets"]) {
    EXPECT_THAT(
        keys_of(dataset),
        UnorderedElementsAre("dataset", "source", "endpoints", "active_snapshot", "last_good_snapshot_id",
                             "previous_snapshot", "quarantined_snapshot_id", "last_attempted",
                             "refresh_error", "findings", "findings_total", "source_reachable",
                             "manifest_valid", "stale", "next_attempt_at", "building", "index"));
    EXPECT_EQ(dataset["source"], "static_manifest");
    EXPECT_THAT(keys_of(dataset["active_snapshot"]),
                UnorderedElementsAre("snapshot_id", "watermark", "age_seconds", "rows", "bytes",
                                     "data_quality_status", "activated_at"));
    EXPECT_EQ(dataset["last_good_snapshot_id"], dataset["active_snapshot"]["snapshot_id"]);
    EXPECT_THAT(keys_of(dataset["last_attempted"]),
                UnorderedElementsAre("snapshot_id", "status", "at", "duration_ms"));
    EXPECT_EQ(dataset["building"], nullptr);
    EXPECT_EQ(dataset["index"], (json{{"state", "ready"}, {"reason", nullptr}}));
  }
  EXPECT_EQ(keys_of(all["datasets"][0]["previous_snapshot"]), keys_of(all["datasets"][0]["active_snapshot"]));
  EXPECT_EQ(all["datasets"][0]["quarantined_snapshot_id"], "s2");
}

TEST_F(AdminPort, AdminPort_AfterFailures_NamesNoTenantKeyOrPath) {
  // Cause messages: a missing manifest, a rejected one and an invalid project.
  const auto project = folder_.path() / "project";
  const std::string manifest = *read_file(project / "data/d0.json", 1 << 20);
  std::filesystem::remove(project / "data/d0.json");
  std::string said = call("POST", "/datasets/d0/refresh").body + call("GET", "/diagnostics").body;
  EXPECT_EQ(json::parse(call("GET", "/diagnostics").body)["datasets"][0]["source_reachable"], false);
  ASSERT_TRUE(write_file_atomically(project / "data/d0.json", "{\"snapshot_id\": 7").has_value());
  said += call("POST", "/datasets/d0/refresh").body + call("GET", "/diagnostics").body;
  std::string without_file = manifest;
  without_file.replace(without_file.find("\"path\":"), 7, "\"path\":\"gone.csv\",\"was\":");
  ASSERT_TRUE(write_file_atomically(project / "data/d0.json", without_file).has_value());
  said += call("POST", "/datasets/d0/refresh").body + call("GET", "/diagnostics").body;
  const auto keys = project / "keys/keys.yml";
  const std::string sound = *read_file(keys, 1 << 20);
  ASSERT_TRUE(write_file_atomically(
                  keys, sound + "  - {id: Bad Id, hash: offl_0123, tenant: " + project_.tenants[0] + "}\n")
                  .has_value());
  said += call("POST", "/config/reload").body + call("GET", "/diagnostics").body;
  const auto excerpt = [&](const std::string& text) {
    const auto at = said.find(text);
    return at == std::string::npos ? std::string() : said.substr(at < 80 ? 0 : at - 80, 160 + text.size());
  };
  EXPECT_NE(excerpt("missing_file"), "") << "there was something to say";
  // /docs is left out here: enums of the random contract may contain any of these words.
  for (const std::string& tenant : project_.tenants)
    EXPECT_EQ(excerpt("\"" + tenant + "\""), "") << "a tenant";
  for (const char* path : {"/metrics", "/docs", "/schema", "/openapi.json", "/status", "/ready"})
    said += call("GET", path).body;
  for (const std::string& tenant : project_.tenants) {
    const std::string token = model::token_of(tenant);
    EXPECT_EQ(excerpt(token), "") << "a token";
    EXPECT_EQ(excerpt(to_hex(sha256(token))), "") << "a key's hash";
  }
  EXPECT_EQ(excerpt("operators-token"), "") << "the admin token";
  EXPECT_EQ(excerpt(folder_.path().string()), "") << "a path";
}

TEST_F(AdminPort, Rollback_AfterARefresh_QuarantinesTheNewSnapshot) {
  expect_envelope(call("POST", "/datasets/d0/rollback"), 409, "conflict");  // there is no previous snapshot
  publish(2);
  const Answer refreshed = call("POST", "/datasets/d0/refresh");
  EXPECT_EQ(refreshed.status, 200);
  EXPECT_EQ(json::parse(refreshed.body)["status"], "ok");
  EXPECT_EQ(json::parse(refreshed.body)["snapshot_id"], "s2");
  const json back = json::parse(call("POST", "/datasets/d0/rollback").body);
  EXPECT_EQ(back["active_snapshot"], "s1");
  EXPECT_EQ(back["previous_snapshot"], "s2");
  EXPECT_EQ(back["quarantined_snapshot_id"], "s2");
  const json status = json::parse(call("GET", "/diagnostics").body)["datasets"][0];
  EXPECT_EQ(status["active_snapshot"]["snapshot_id"], "s1");
  EXPECT_EQ(status["quarantined_snapshot_id"], "s2");
  // A second rollback is refused unless it is forced.
  const Answer again = call("POST", "/datasets/d0/rollback");
  expect_envelope(again, 409, "conflict");
  EXPECT_THAT(again.body, HasSubstr("s2 is quarantined"));
  const json forced = json::parse(call("POST", "/datasets/d0/rollback?force=true").body);
  EXPECT_EQ(forced["active_snapshot"], "s2");
  EXPECT_EQ(forced["quarantined_snapshot_id"], "s1");
}

TEST_F(AdminPort, Rollback_Restart_KeepsTheRollback) {
  publish(2);
  ASSERT_EQ(call("POST", "/datasets/d0/refresh").status, 200);
  ASSERT_EQ(call("POST", "/datasets/d0/rollback").status, 200);
  start("operators-token");
  const json status = json::parse(call("GET", "/diagnostics").body)["datasets"][0];
  EXPECT_EQ(status["active_snapshot"]["snapshot_id"], "s1");
  EXPECT_EQ(status["previous_snapshot"]["snapshot_id"], "s2");
  EXPECT_EQ(status["quarantined_snapshot_id"], "s2");
}

TEST_F(AdminPort, Refresh_InvalidSnapshot_KeepsTheOldOneAndShowsFindings) {
  const auto manifest = folder_.path() / "project/data/d0.json";
  std::string text = *read_file(manifest, 1 << 20);
  text.replace(text.find("\"row_count\":"), 12, "\"row_count\":9");
  text.replace(text.find("\"s1\""), 4, "\"s2\"");
  ASSERT_TRUE(write_file_atomically(manifest, text).has_value());
  const json report = json::parse(call("POST", "/datasets/d0/refresh").body);
  EXPECT_EQ(report["status"], "rejected");
  const json status = json::parse(call("GET", "/diagnostics").body)["datasets"][0];
  EXPECT_EQ(status["active_snapshot"]["snapshot_id"], "s1");
  EXPECT_EQ(status["findings"][0]["code"], "row_count_mismatch");
  EXPECT_EQ(status["manifest_valid"], false);
  EXPECT_THAT(call("GET", "/metrics").body, HasSubstr("offloader_refresh_ok{dataset=\"d0\"} 0"));
}

// Returns the first finding that is an error.
json first_error(const json& findings) {
  for (const json& finding : findings) {
    if (finding.value("severity", "") == "error") return finding;
  }
  return json::object();
}

TEST_F(AdminPort, Reload_InvalidRevision_IsRejectedAsAWhole) {
  EXPECT_EQ(json::parse(call("POST", "/config/reload").body)["result"], "unchanged");
  const auto endpoint = folder_.path() / "project/endpoints/e0.yml";
  const std::string sound = *read_file(endpoint, 1 << 20);
  ASSERT_TRUE(write_file_atomically(endpoint, sound + "nonsense: 1\n").has_value());
  const Answer refused = call("POST", "/config/reload");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(json::parse(refused.body)["error"]["family"], "invalid_config");
  const json finding = first_error(json::parse(refused.body)["findings"]);
  EXPECT_EQ(finding["code"], "unknown_field");
  EXPECT_EQ(finding["file"], "endpoints/e0.yml");
  EXPECT_GT(finding["line"], 0);
  EXPECT_FALSE(json::parse(refused.body)["meta"]["request_id"].empty());
  const json sync = json::parse(call("GET", "/diagnostics").body)["config_sync"];
  EXPECT_EQ(sync["result"], "error");
  EXPECT_EQ(first_error(sync["findings"])["code"], "unknown_field");
  EXPECT_THAT(call("GET", "/metrics").body, HasSubstr("offloader_config_sync_ok 0"));
  ASSERT_TRUE(write_file_atomically(endpoint, sound + "description: changed\n").has_value());
  EXPECT_EQ(json::parse(call("POST", "/config/reload").body)["result"], "applied");
  EXPECT_THAT(call("GET", "/docs").body, HasSubstr("changed"));
}

TEST_F(AdminPort, Metrics_AfterARefresh_HaveEverySeriesOfTheContract) {
  // A snapshot is served slightly before its refresh is counted.
  ASSERT_TRUE(await(
      [&] { return call("GET", "/metrics").body.find("offloader_refresh_total") != std::string::npos; }));
  const std::string text = call("GET", "/metrics").body;
  for (const char* name :
       {"offloader_up 1", "offloader_ready 1", "offloader_duckdb_up 1", "offloader_build_info{",
        "offloader_pool_connections 4", "offloader_cache_disk_free_bytes", "offloader_response_cache_entries",
        "offloader_connections{port=\"admin\"}", "offloader_snapshot_age_seconds{dataset=\"d0\"}",
        "offloader_snapshot_stale", "offloader_snapshot_rows", "offloader_snapshot_bytes",
        "offloader_refresh_ok", "offloader_source_reachable",
        "offloader_refresh_last_success_timestamp_seconds", "offloader_refresh_total",
        "offloader_refresh_duration_seconds_count", "process_open_fds"}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
}

TEST_F(AdminPort, Docs_HtmlOrJson_ListEveryEndpoint) {
  const Answer page = call("GET", "/docs", {"accept: text/html"});
  EXPECT_THAT(page.headers.at("content-type"), HasSubstr("text/html"));
  EXPECT_THAT(page.body, HasSubstr("id=\"e0\""));
  EXPECT_EQ(json::parse(call("GET", "/docs").body)["endpoints"].size(), project_.endpoints.size());
  EXPECT_EQ(json::parse(call("GET", "/schema").body)["count"], project_.endpoints.size());
  EXPECT_EQ(json::parse(call("GET", "/openapi.json").body)["openapi"], "3.1.0");
}

}  // namespace
}  // namespace offloader::app
