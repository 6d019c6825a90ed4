#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli_scene.h"
#include "http_client.h"
#include "offloader/credentials/testing/credential_book.h"
#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/object_store/testing/fake_gcs.h"
#include "offloader/object_store/testing/fake_s3.h"
#include "ports.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const std::string kAdminToken = "the-admin-token-of-these-tests";

// All tests share one starter project, served by the real program.
class ServerCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    project_ = (folder_->path() / "demo").string();
    const Outcome made = run_cli({"init", "--out", project_, "--json"});
    ASSERT_EQ(made.code, 0) << made.err;
    key_ = json::parse(made.out).at("key");
    const fs::path rows = fs::path(project_) / "endpoints/orders.yml";
    write(rows, contents(rows) + "formats: [csv, ndjson, arrow]\nexport: {max_rows: 1000}\n");
    serving_ = std::make_unique<Serving>(
        std::vector{project_}, std::map<std::string, std::string>{{"OFFLOADER_ADMIN_TOKEN", kAdminToken}});
    ASSERT_TRUE(serving_->await_ready()) << serving_->out() << serving_->err();
  }
  static void TearDownTestSuite() {
    serving_.reset();
    folder_.reset();
  }

  [[nodiscard]] static Outcome call(std::vector<std::string> more,
                                    std::map<std::string, std::string> environment = {}) {
    std::vector<std::string> line{"endpoint", "test", "--url", serving_->api_url()};
    line.insert(line.end(), more.begin(), more.end());
    return run_cli(line, {.environment = std::move(environment)});
  }

  static std::unique_ptr<TemporaryFolder> folder_;
  static std::unique_ptr<Serving> serving_;
  static std::string project_;
  static std::string key_;
};
std::unique_ptr<TemporaryFolder> ServerCommands::folder_;
std::unique_ptr<Serving> ServerCommands::serving_;
std::string ServerCommands::project_;
std::string ServerCommands::key_;

TEST_F(ServerCommands, Serve_Started_PrintsACurlLineThatWorks) {
  const std::string out = serving_->out();
  EXPECT_THAT(out, HasSubstr("API    http://localhost:"));
  EXPECT_THAT(out, HasSubstr("Ctrl-C"));
  EXPECT_THAT(out, Not(HasSubstr("\x1b"))) << "colour in a file";
  EXPECT_TRUE(serving_->await_err("loaded orders_daily: snapshot")) << serving_->err();
  std::istringstream lines(out);
  int called = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("curl") == std::string::npos) continue;
    const std::string answer = (folder_->path() / "answer").string();
    const std::string command =
        "OFFLOADER_KEY=" + key_ + " && export OFFLOADER_KEY && " + line + " > " + answer;
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    const json body = json::parse(contents(answer), nullptr, false);
    ASSERT_TRUE(body.is_object() && body.contains("data")) << contents(answer);
    EXPECT_GT(body.at("data").size(), 0U) << line;
    ++called;
  }
  EXPECT_EQ(called, 2);
}

TEST_F(ServerCommands, EndpointTest_StatusAndEnvelope_AreChecked) {
  const Outcome good =
      call({"--endpoint", "orders_by_product", "--key", key_, "--params", "country=switzerland"});
  EXPECT_EQ(good.code, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("ok: status 200, 5 rows of snapshot "));
  EXPECT_EQ(
      call({"--endpoint", "orders", "--params", "product=anvil&from=2020-01-01"}, {{"OFFLOADER_KEY", key_}})
          .code,
      0);

  const Outcome refused = call({"--endpoint", "orders"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.out, HasSubstr("the status is 401, not 200"));
  EXPECT_THAT(refused.err, HasSubstr("OFFLOADER_KEY"));
  EXPECT_EQ(call({"--endpoint", "orders", "--expect-status", "401"}).code, 0);
  EXPECT_EQ(call({"--endpoint", "unknown", "--key", key_, "--expect-status", "404"}).code, 0);
  // Values are encoded; otherwise this one would be two params.
  EXPECT_THAT(call({"--endpoint", "orders", "--key", key_, "--params", "product=a b/ü?"}).out,
              HasSubstr("0 rows"));
  EXPECT_EQ(call({"--endpoint", "orders", "--key", "two\nlines"}).code, 2);

  const json report = json::parse(call({"--endpoint", "orders", "--key", key_, "--json"}).out);
  EXPECT_EQ(report.at("ok"), true);
  EXPECT_EQ(report.at("status"), 200);
}

TEST_F(ServerCommands, EndpointTest_OtherServerOrNone_IsReported) {
  // The admin port returns JSON with other shapes.
  const Outcome other = run_cli(
      {"endpoint", "test", "--url", serving_->admin_url(), "--endpoint", "orders", "--expect-status", "404"});
  EXPECT_EQ(other.code, 0) << "errors have one shape on both ports";
  const Outcome nobody = run_cli({"endpoint", "test", "--url", "http://127.0.0.1:1", "--endpoint", "orders"});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.err, HasSubstr("connect"));
  EXPECT_THAT(nobody.err, HasSubstr("--url"));
}

TEST_F(ServerCommands, EndpointExport_EachFormat_IsTheServersAnswer) {
  for (const std::string format : {"csv", "ndjson", "arrow"}) {
    SCOPED_TRACE(format);
    const std::string out = (folder_->path() / ("export." + format)).string();
    const std::vector<std::string> line{"endpoint",   "export",         "--url", serving_->api_url(),
                                        "--endpoint", "orders",         "--out", out,
                                        "--params",   "from=2020-01-01"};
    const Outcome done = run_cli(line, {.environment = {{"OFFLOADER_KEY", key_}}});
    ASSERT_EQ(done.code, 0) << done.err;
    const auto answer =
        http_get(serving_->api_url() + "/v1/endpoints/orders?from=2020-01-01&limit=1000&format=" + format,
                 {"Authorization: Bearer " + key_, "TE: trailers"}, std::chrono::seconds(60));
    ASSERT_TRUE(answer);
    EXPECT_EQ(contents(out), answer->body);
    EXPECT_THAT(done.err,
                testing::StartsWith(out + ": " + answer->trailers.at("offloader-rows") + " rows, "));
  }
}

TEST_F(ServerCommands, EndpointExport_ErrorOfTheServer_IsShownAsEndpointTestShowsIt) {
  const auto run_export = [](const std::string& endpoint, const std::string& params, bool key) {
    const std::vector<std::string> line{
        "endpoint",   "export", "--url", serving_->api_url(),
        "--endpoint", endpoint, "--out", (folder_->path() / "no.csv").string(),
        "--params",   params};
    std::map<std::string, std::string> environment;
    if (key) environment["OFFLOADER_KEY"] = key_;
    const Outcome failed = run_cli(line, {.environment = environment});
    EXPECT_EQ(failed.code, 1);
    EXPECT_FALSE(fs::exists(folder_->path() / "no.csv"));
    return failed.err;
  };
  const std::string shown = call({"--endpoint", "orders", "--key", key_, "--params", "from=x&b=1"}).err;
  EXPECT_THAT(shown, HasSubstr("failed: status 422, invalid_param: "));
  EXPECT_EQ(run_export("orders", "from=x&b=1", true), shown);
  EXPECT_EQ(run_export("orders", "from=x&b=1&limit=9", true), shown);
  EXPECT_THAT(run_export("orders", "limit=1001", true), HasSubstr("`limit` may be at most 1000"));
  EXPECT_THAT(run_export("orders_by_product", "limit=1", true), HasSubstr("`format`"));
  EXPECT_THAT(run_export("unknown", "limit=1", true), HasSubstr("status 404, not_found"));
  EXPECT_THAT(run_export("orders", "limit=1", false), HasSubstr("Pass a key"));
}

TEST_F(ServerCommands, EndpointTest_Format_IsAskedForAndChecked) {
  const auto test = [](const std::string& format, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--endpoint", "orders", "--key", key_, "--format", format});
    return call(more);
  };
  const Outcome csv = test("csv", {"--params", "limit=2"});
  EXPECT_EQ(csv.code, 0) << csv.out << csv.err;
  EXPECT_THAT(csv.out, HasSubstr("ok: status 200, csv export, 2 rows, "));
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 4);
  EXPECT_THAT(test("ndjson", {"--params", "limit=2"}).out, HasSubstr("\n{\""));
  EXPECT_EQ(test("arrow").code, 0);
  EXPECT_THAT(test("json").out, HasSubstr("rows of snapshot"));
  EXPECT_EQ(test("parquet").code, 1) << "the endpoint does not offer it";
  EXPECT_EQ(test("parquet", {"--expect-status", "422"}).code, 0);
}

TEST_F(ServerCommands, Healthcheck_LiveOrDead_SetsTheExitCode) {
  // The command waits for three seconds, in which a server on a busy machine may not get to answer.
  const auto healthcheck = [](const std::vector<std::string>& line, const RunOptions& options = {}) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (true) {
      Outcome outcome = run_cli(line, options);
      const bool late = outcome.err.find("no answer within") != std::string::npos;
      if (!late || std::chrono::steady_clock::now() > until) return outcome;
    }
  };
  EXPECT_EQ(healthcheck({"healthcheck", "--admin-url", serving_->admin_url()}).code, 0);
  const std::string port = serving_->admin_url().substr(serving_->admin_url().rfind(':') + 1);
  EXPECT_EQ(healthcheck({"healthcheck"}, {.environment = {{"OFFLOADER_ADMIN_PORT", port}}}).code, 0);
  const Outcome dead = run_cli({"healthcheck", "--admin-url", "http://127.0.0.1:1"});
  EXPECT_EQ(dead.code, 1);
  EXPECT_EQ(dead.out, "");
  EXPECT_THAT(dead.err, HasSubstr("unhealthy"));
  EXPECT_THAT(dead.err, HasSubstr("--admin-url"));
  EXPECT_EQ(run_cli({"healthcheck", "--admin-url", serving_->api_url()}).code, 1)
      << "the API port has no /live";
}

TEST_F(ServerCommands, Doctor_RunningServer_ReportsItsState) {
  const std::map<std::string, std::string> environment{
      {"OFFLOADER_CACHE_DIR", (folder_->path() / "cache").string()},
      {"OFFLOADER_API_PORT", "0"},
      {"OFFLOADER_SECRET_KEY_BASE", std::string(40, 's')}};
  const auto doctor = [&](const std::vector<std::string>& more) {
    std::vector<std::string> line{"doctor", "--config", project_, "--admin-url", serving_->admin_url()};
    line.insert(line.end(), more.begin(), more.end());
    return run_cli(line, {.environment = environment});
  };
  const Outcome good = doctor({"--admin-token", kAdminToken});
  EXPECT_EQ(good.code, 0) << good.out;
  EXPECT_THAT(good.out, HasSubstr("is ready"));
  EXPECT_THAT(good.out, HasSubstr("healthy datasets: 1"));
  const Outcome wrong = doctor({"--admin-token", "wrong"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.out, HasSubstr("rejects the admin token"));
  EXPECT_THAT(wrong.out, Not(HasSubstr("wrong")));
  EXPECT_THAT(doctor({}).out, HasSubstr("no admin token"));
}

TEST_F(ServerCommands, SupportBundle_RunningServer_HasDiagnosticsAndMetrics) {
  const std::string out = (folder_->path() / "bundle.tar.gz").string();
  const Outcome made =
      run_cli({"support-bundle", "--config", project_, "--admin-url", serving_->admin_url(), "--out", out},
              {.environment = {{"OFFLOADER_ADMIN_TOKEN", kAdminToken}}});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(made.out, out + "\n");
  const fs::path unpacked = folder_->path() / "unpacked";
  fs::create_directories(unpacked);
  ASSERT_EQ(std::system(("tar -xzf " + out + " -C " + unpacked.string()).c_str()), 0);
  EXPECT_EQ(json::parse(contents(unpacked / "diagnostics.json")).at("ready"), true);
  EXPECT_THAT(contents(unpacked / "metrics.txt"), HasSubstr("offloader_up 1"));
  EXPECT_THAT(contents(unpacked / "config/keys/keys.yml"), HasSubstr("tenant: <redacted>"));
  EXPECT_FALSE(fs::exists(unpacked / "config/data/orders_daily/part-0.csv"));
  const json manifest = json::parse(contents(unpacked / "manifest.json"));
  EXPECT_TRUE(manifest.at("left_out").empty()) << manifest.dump(2);

  // Without the token the bundle lists what is missing. If nothing can be collected, no bundle is written.
  const json partial = json::parse(run_cli({"support-bundle", "--config", project_, "--admin-url",
                                            serving_->admin_url(), "--out", out, "--json"})
                                       .out);
  EXPECT_EQ(partial.at("left_out").dump(), R"(["diagnostics.json"])");
  const Outcome nothing =
      run_cli({"support-bundle", "--config", (folder_->path() / "none").string(), "--admin-url",
               "http://127.0.0.1:1", "--out", (folder_->path() / "no.tar.gz").string()});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_FALSE(fs::exists(folder_->path() / "no.tar.gz"));
}

TEST_F(ServerCommands, Serve_RequestedPortInUse_Fails) {
  const std::string port = serving_->api_url().substr(serving_->api_url().rfind(':') + 1);
  const Outcome refused = run_cli({"serve", project_, "--api-port", port});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("port " + port + " is in use"));
  EXPECT_FALSE(port_is_free("127.0.0.1", static_cast<std::uint16_t>(std::stoi(port))));
  EXPECT_NE(first_free_port("127.0.0.1", static_cast<std::uint16_t>(std::stoi(port)), 0), std::stoi(port));
}

TEST(Serve, Serve_InvalidProject_Fails) {
  const TemporaryFolder folder;
  write(folder.path() / "offloader.yml", "version: 7\n");
  const Outcome refused = run_cli({"serve", folder.path().string()});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, HasSubstr("unsupported_version"));
}

TEST(Serve, Serve_SecretFile_IsUsed) {
  const TemporaryFolder folder;
  const std::map<std::string, std::string> environment{
      {"OFFLOADER_SECRET_KEY_BASE_FILE", (folder.path() / "secret").string()}};
  const std::vector<std::string> project{OFFLOADER_SOURCE_DIR "/examples/public-metrics"};
  write(folder.path() / "secret", "short\n");
  Serving refused(project, environment);
  ASSERT_FALSE(refused.await_ready()) << "serves with a random secret instead of the file's";
  EXPECT_THAT(refused.err(), HasSubstr("OFFLOADER_SECRET_KEY_BASE is too short"));
  write(folder.path() / "secret", std::string(40, 's') + "\n");
  Serving good(project, environment);
  EXPECT_TRUE(good.await_ready()) << good.err();
}

// The bucket holds the only copy of the project; the working folder is not used.
class ServeBucket : public testing::TestWithParam<const char*> {
 protected:
  ServeBucket() {
    const auto keys = book_.add_keys("AKIDSERVE", "a secret of S3");
    environment_ = s3_.settings(keys);
    environment_["OFFLOADER_GCS_AUTH"] = "bearer";
    environment_["OFFLOADER_GCS_TOKEN"] = book_.add_token("a token of GCS").token;
    environment_["OFFLOADER_GCS_ENDPOINT"] = gcs_.endpoint();
  }
  [[nodiscard]] static std::string url(const std::string& rest) { return GetParam() + rest; }

  object_store::testing::BucketContents contents_;
  credentials::testing::CredentialBook book_;
  object_store::testing::FakeS3 s3_{contents_, book_};
  object_store::testing::FakeGcs gcs_{contents_, book_};
  std::map<std::string, std::string> environment_;
};
INSTANTIATE_TEST_SUITE_P(Stores, ServeBucket, testing::Values("s3://", "gs://", "gcs://"),
                         [](const auto& each) {
                           return std::string(each.param, std::strchr(each.param, ':'));
                         });

TEST_P(ServeBucket, Serve_ProjectOnlyInABucket_Answers) {
  contents_.put_folder("lake", "demo/", OFFLOADER_SOURCE_DIR "/examples/public-metrics");
  for (const char* const given : {"lake/demo", "lake/demo/", "lake/demo/offloader.yml"}) {
    SCOPED_TRACE(given);
    Serving serving({url(given)}, environment_);
    ASSERT_TRUE(serving.await_ready()) << serving.out() << serving.err();
    EXPECT_THAT(serving.out(), HasSubstr("/v1/endpoints/air_quality"));
    EXPECT_TRUE(serving.await_err("loaded air_quality: snapshot")) << serving.err();
    const auto answer =
        http_get(serving.api_url() + "/v1/endpoints/air_quality", {}, std::chrono::seconds(60));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body;
    EXPECT_EQ(serving.stop(), 0) << serving.err();
  }
}

TEST_P(ServeBucket, Serve_InvalidProjectInABucket_ReportsItsFindings) {
  contents_.put("lake", "demo/offloader.yml", "version: 7\n");
  Serving serving({url("lake/demo")}, environment_);
  EXPECT_TRUE(serving.await_err("unsupported_version")) << serving.err();
  EXPECT_FALSE(serving.await_ready());
  EXPECT_EQ(serving.out(), "");
}

TEST(Serve, Serve_DatasetWithoutSnapshot_ReportsWhyAndContinues) {
  Serving serving({OFFLOADER_SOURCE_DIR "/examples/failure-lab/missing-file"}, {});
  EXPECT_TRUE(serving.await_err("has no snapshot")) << serving.err();
  EXPECT_TRUE(serving.await_err("missing_file")) << serving.err();
  EXPECT_EQ(serving.stop(), 0) << serving.err();
}

TEST(Serve, Serve_Sigterm_ExitsAndRemovesTheTemporaryCache) {
  const TemporaryFolder temporary;
  Serving serving({OFFLOADER_SOURCE_DIR "/examples/public-metrics"}, {{"TMPDIR", temporary.path().string()}});
  ASSERT_TRUE(serving.await_ready()) << serving.err();
  EXPECT_FALSE(fs::is_empty(temporary.path()));
  // A start that is still under way 0.8 s after the signal ends abruptly. The main thread reloads only after
  // the start.
  serving.hang_up();
  ASSERT_TRUE(serving.await_err("The configuration was read again")) << serving.err();
  EXPECT_EQ(serving.stop(), 0) << serving.err();
  EXPECT_TRUE(fs::is_empty(temporary.path()));
}

// Measures the time from nothing to the first answer. Checked only in soak runs, because a build machine may
// be busy.
TEST(FirstAnswer, InitAndServe_StarterProject_TakeUnderFiveSeconds) {
  const TemporaryFolder folder;
  const auto begin = std::chrono::steady_clock::now();
  const std::string project = (folder.path() / "demo").string();
  const std::string init =
      std::string(OFFLOADER_BINARY) + " init --out " + project + " > " + project + ".key";
  ASSERT_EQ(std::system(init.c_str()), 0);
  const std::string told = contents(project + ".key");
  const std::string key = told.substr(told.find("offl_"), 53);
  Serving serving({project}, {});
  ASSERT_TRUE(serving.await_ready()) << serving.err();
  const auto answer = http_get(serving.api_url() + "/v1/endpoints/orders_by_product",
                               {"Authorization: Bearer " + key}, std::chrono::seconds(10));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200) << answer->body;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  RecordProperty("seconds", std::to_string(took.count()));
  std::printf("init to the first answer: %.2f s\n", took.count());
  if (std::getenv("OFFLOADER_SOAK") != nullptr) {
    EXPECT_LT(took.count(), 5.0);
  }
}

TEST_F(ServerCommands, Snapshot_StatusRefreshRollback_ChangeWhatIsServed) {
  const auto snapshot = [](std::vector<std::string> more, bool token = true) {
    std::vector<std::string> line{"snapshot"};
    line.insert(line.end(), more.begin(), more.end());
    line.insert(line.end(), {"--admin-url", serving_->admin_url()});
    std::map<std::string, std::string> environment;
    if (token) environment["OFFLOADER_ADMIN_TOKEN"] = kAdminToken;
    return run_cli(line, {.environment = environment});
  };
  const Outcome table = snapshot({"status"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("DATASET"));
  const json all = json::parse(snapshot({"status", "--json"}).out)["datasets"];
  ASSERT_FALSE(all.empty());
  const std::string dataset = all[0]["dataset"];
  const std::string serving = all[0]["active_snapshot"]["snapshot_id"];
  EXPECT_THAT(table.out, HasSubstr(serving));
  EXPECT_EQ(snapshot({"status", "no_such_dataset"}).code, 1);
  EXPECT_THAT(snapshot({"status"}, false).err, HasSubstr("OFFLOADER_ADMIN_TOKEN"));

  const Outcome nothing_before = snapshot({"rollback", dataset});
  EXPECT_EQ(nothing_before.code, 1);
  EXPECT_THAT(nothing_before.err, HasSubstr("previous"));
  const Outcome refreshed = snapshot({"refresh", dataset});
  EXPECT_EQ(refreshed.code, 0) << refreshed.err;
  EXPECT_THAT(refreshed.out, HasSubstr(dataset + ": ok " + serving));
  EXPECT_EQ(snapshot({"rollback", dataset}).code, 1) << "what was built again has the same id";
  const fs::path manifest = fs::path(project_) / "data" / dataset / "manifest.json";
  std::string text = contents(manifest);
  ASSERT_NE(text.find(serving), std::string::npos);
  text.replace(text.find(serving), serving.size(), "the-next");
  write(manifest, text);
  EXPECT_EQ(snapshot({"refresh", dataset}).code, 0);
  const Outcome back = snapshot({"rollback", dataset, "--json"});
  EXPECT_EQ(back.code, 0) << back.err;
  EXPECT_EQ(json::parse(back.out)["active_snapshot"], serving);
  EXPECT_EQ(json::parse(back.out)["quarantined_snapshot_id"], "the-next");
  EXPECT_EQ(snapshot({"rollback", dataset}).code, 1) << "the previous one is quarantined";
  EXPECT_EQ(snapshot({"rollback", dataset, "--force"}).code, 0);
  EXPECT_EQ(snapshot({"refresh", "no_such_dataset"}).code, 1);
}

TEST_F(ServerCommands, Usage_ShowsWhoCalledWhat_AndWhatNobodyCalled) {
  const auto usage = [](std::vector<std::string> more, bool token = true) {
    std::vector<std::string> line{"usage", "--admin-url", serving_->admin_url()};
    line.insert(line.end(), more.begin(), more.end());
    std::map<std::string, std::string> environment;
    if (token) environment["OFFLOADER_ADMIN_TOKEN"] = kAdminToken;
    return run_cli(line, {.environment = environment});
  };
  ASSERT_EQ(call({"--endpoint", "orders", "--key", key_}).code, 0);
  const Outcome table = usage({});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, testing::ContainsRegex("KEY +ENDPOINT +REQUESTS +2XX"));
  EXPECT_THAT(table.out, testing::ContainsRegex("\n[a-z_]+ +orders +[1-9]"));
  const json all = json::parse(usage({"--json", "--by", "tenant,endpoint"}).out);
  EXPECT_FALSE(all.at("lines")[0].at("tenant").empty());
  EXPECT_THAT(usage({"--csv", "--by", "endpoint"}).out, HasSubstr("\r\norders,"));
  const json before = json::parse(usage({"--json", "--from", "2026-01-01", "--to", "2026-01-02"}).out);
  EXPECT_TRUE(before.at("lines").empty());
  EXPECT_THAT(before.at("endpoints_without_calls").dump(), HasSubstr("\"orders\""));
  EXPECT_THAT(usage({"--from", "2026-01-01", "--to", "2026-01-02"}).out,
              HasSubstr("Endpoints without calls: "));
  for (const char* const by : {"colour", "", "key,", "key,colour", "Key"}) {
    const Outcome wrong = usage({"--by", by});
    EXPECT_EQ(wrong.code, 2) << by;
    EXPECT_THAT(wrong.err, HasSubstr("--by: `")) << by;
    EXPECT_THAT(wrong.err, HasSubstr("is not one of key, endpoint, tenant, hour")) << by;
  }
  for (const char* const flag : {"--from", "--to"}) {
    for (const char* const time : {"", "soon", "2026-01-31T12:00:00", "2026-02-30"})
      EXPECT_THAT(usage({flag, time}).err,
                  HasSubstr(std::string(flag) + ": `" + time + "` is neither a date"));
  }
  const Outcome refused = run_cli({"usage", "--admin-url", serving_->admin_url(), "--admin-token", "wrong"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("the admin token was not accepted"));
  EXPECT_THAT(usage({}, false).err, HasSubstr("OFFLOADER_ADMIN_TOKEN"));
  EXPECT_EQ(usage({"--json", "--csv"}).code, 2);
}

}  // namespace
}  // namespace offloader::cli
