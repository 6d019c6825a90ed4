#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "cli_scene.h"
#include "console.h"
#include "offloader/cli/cli.h"
#include "offloader/http/server.h"
#include "offloader/telemetry/telemetry.h"
#include "ports.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// An HTTP store with ranged reads. Unknown paths return 404, and paths below /private return 403.
class TestStore {
 public:
  TestStore() {
    auto started = http::Server::start(
        {.name = "store", .bind = "127.0.0.1", .port = 0, .threads = 1, .limits = {}},
        [this](const http::Request& request, http::Responder responder, const std::shared_ptr<CancelFlag>&) {
          std::move(responder).send(answer(request));
        },
        [](int status, std::string_view) {
          return http::Response{.status = status, .headers = {}, .body = {}};
        },
        *telemetry_);
    server_ = std::move(*started);
  }
  ~TestStore() { server_->stop(std::chrono::seconds(1)); }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  void put(const std::string& path, std::string bytes) { files_[path] = std::move(bytes); }
  [[nodiscard]] int ranged() const { return ranged_; }

 private:
  http::Response answer(const http::Request& request) {
    http::Response response;
    if (request.path().starts_with("/private")) {
      response.status = 403;
      return response;
    }
    const auto file = files_.find(std::string(request.path()));
    if (file == files_.end()) {
      response.status = 404;
      return response;
    }
    http::append_header(response.headers, "etag", "\"one\"");
    if (const auto range = request.header("range")) {
      ++ranged_;
      response.status = 206;
      http::append_header(response.headers, "content-range",
                          "bytes 0-0/" + std::to_string(file->second.size()));
      response.body.append(file->second.substr(0, 1));
      return response;
    }
    if (request.method() != "HEAD")
      response.body.append(file->second);
    else
      response.status = 405;
    return response;
  }

  std::unique_ptr<telemetry::Telemetry> telemetry_ =
      *telemetry::make_telemetry({.level = telemetry::Level::error, .format = {}, .log_fd = 2});
  std::map<std::string, std::string> files_;
  std::atomic<int> ranged_{0};
  std::unique_ptr<http::Server> server_;
};

class Doctor : public testing::Test {
 protected:
  Doctor() {
    EXPECT_EQ(run_cli({"init", "--out", project_}).code, 0);
    environment_ = {{"OFFLOADER_CACHE_DIR", cache_},
                    {"OFFLOADER_API_PORT", "0"},
                    {"OFFLOADER_ADMIN_PORT", "0"},
                    {"OFFLOADER_SECRET_KEY_BASE", std::string(40, 's')},
                    {"OFFLOADER_ADMIN_TOKEN", "token"}};
  }
  // Runs doctor and returns its checks, each as `name: status: message` and a line with its hint.
  std::string doctor(int code, bool terminal = false) {
    const Outcome outcome = run_cli({"doctor", "--config", project_, "--json"},
                                    {.environment = environment_, .terminal = terminal});
    EXPECT_EQ(outcome.code, code) << outcome.out << outcome.err;
    const json report = json::parse(outcome.out);
    EXPECT_EQ(report.at("ok"), code == 0);
    std::string out;
    for (const json& check : report.at("checks")) {
      out += check.at("name").get<std::string>() + ": " + check.at("status").get<std::string>() + ": " +
             check.at("message").get<std::string>() + "\n" + check.at("hint").get<std::string>() + "\n";
    }
    return out;
  }

  TemporaryFolder folder_;
  std::string project_ = (folder_.path() / "p").string();
  std::string cache_ = (folder_.path() / "cache").string();
  std::map<std::string, std::string> environment_;
};

TEST_F(Doctor, Run_ValidSetup_ReportsOk) {
  fs::create_directories(cache_);
  const std::string out = doctor(0);
  for (const char* line :
       {"settings: ok: every variable is valid", "config: ok: 1 dataset, 2 endpoints, 2 keys",
        "manifest of orders_daily: ok: read data/orders_daily/manifest.json", "is writable", "cache space: ",
        "cache lock: ok: no process uses the folder", "API port: ok", "admin port: ok", "server: skipped"}) {
    EXPECT_THAT(out, HasSubstr(line));
  }
  EXPECT_TRUE(fs::is_empty(cache_)) << "it changes nothing";
}

TEST_F(Doctor, Settings_Invalid_AreNamedWithoutSecrets) {
  environment_["OFFLOADER_POOL_SIZE"] = "many";
  environment_["OFFLOADER_SECRET_KEY_BASE"] = "too-short-S3CR3T";
  const std::string out = doctor(1);
  EXPECT_THAT(out, HasSubstr("settings: failed: Invalid OFFLOADER_POOL_SIZE \"many\"."));
  EXPECT_THAT(out, HasSubstr("settings: failed: OFFLOADER_SECRET_KEY_BASE"));
  EXPECT_THAT(out, Not(HasSubstr("S3CR3T")));
  environment_ = {
      {"OFFLOADER_CACHE_DIR", cache_}, {"OFFLOADER_API_PORT", "0"}, {"OFFLOADER_ADMIN_PORT", "0"}};
  EXPECT_THAT(doctor(0), HasSubstr("settings: warning: OFFLOADER_SECRET_KEY_BASE is not set"));
}

TEST_F(Doctor, Config_Invalid_ReportsItsFindings) {
  write(folder_.path() / "p/data/orders_daily/manifest.json", "{}");
  const std::string path = project_ + "/data/orders_daily/manifest.json";
  const std::string damaged = doctor(1);
  EXPECT_THAT(damaged, HasSubstr("manifest of orders_daily: failed: data/orders_daily/manifest.json has "));
  EXPECT_THAT(damaged, HasSubstr("run `offloader manifest validate " + path + "` to see them"));
  fs::remove(path);
  const std::string missing = doctor(1);
  EXPECT_THAT(missing, HasSubstr("manifest of orders_daily: failed: "));
  EXPECT_THAT(missing, HasSubstr("create it: offloader manifest create --dataset orders_daily --out " + path +
                                 " FILE"));
  write(folder_.path() / "p/offloader.yml", "version: 3\n");
  const std::string out = doctor(1);
  EXPECT_THAT(out, HasSubstr("config: failed: offloader.yml:1: unsupported_version"));
  EXPECT_THAT(out, HasSubstr("stores: skipped"));
}

TEST_F(Doctor, CacheFolder_Unusable_IsReported) {
  write(cache_, "a file");
  EXPECT_THAT(doctor(1), HasSubstr("cache rights: failed: " + cache_ + " is not a folder"));
  fs::remove(cache_);
  EXPECT_THAT(doctor(0), HasSubstr("cache rights: ok: " + cache_ + " can be created"));
  environment_["OFFLOADER_CACHE_DIR"] = "/proc/offloader";
  EXPECT_THAT(doctor(1), HasSubstr("cache space: failed"));
  environment_["OFFLOADER_CACHE_DIR"] = cache_;
  write(folder_.path() / "cache/LOCK", "");
  const int lock = ::open((cache_ + "/LOCK").c_str(), O_RDWR);
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  EXPECT_THAT(doctor(1), HasSubstr("cache lock: failed: another process uses the folder"));
  ::close(lock);
  EXPECT_THAT(doctor(0), HasSubstr("cache lock: ok"));
}

TEST_F(Doctor, AuditLog_Unusable_IsReported) {
  const std::string log = (folder_.path() / "audit/audit.log").string();
  EXPECT_THAT(doctor(0), Not(HasSubstr("audit log: ")));
  environment_["OFFLOADER_AUDIT_LOG"] = "-";
  EXPECT_THAT(doctor(0), Not(HasSubstr("audit log: ")));
  environment_["OFFLOADER_AUDIT_LOG"] = log;
  EXPECT_THAT(doctor(1), HasSubstr("audit log: failed: " + (folder_.path() / "audit").string() + " is not"));
  fs::create_directories(folder_.path() / "audit");
  EXPECT_THAT(doctor(0), HasSubstr("audit log: ok: " + log + " can be created"));
  write(log, "");
  EXPECT_THAT(doctor(0), HasSubstr("audit log: ok: " + log + " is writable"));
  environment_["OFFLOADER_AUDIT_LOG"] = folder_.path().string();
  EXPECT_THAT(doctor(1),
              HasSubstr("audit log: failed: " + folder_.path().string() + " is not a regular file"));
}

TEST_F(Doctor, Ports_InUse_AreReported) {
  const TestStore taken;
  environment_["OFFLOADER_API_BIND"] = "127.0.0.1";
  environment_["OFFLOADER_API_PORT"] = taken.url().substr(taken.url().rfind(':') + 1);
  EXPECT_THAT(doctor(1), HasSubstr("API port: failed: cannot listen on 127.0.0.1:"));
}

TEST_F(Doctor, Stores_NamedByTheProject_AreRead) {
  TestStore store;
  const json manifest = json::parse(contents(folder_.path() / "p/data/orders_daily/manifest.json"));
  const auto dataset = contents(folder_.path() / "p/datasets/orders_daily.yml");
  const auto name = [&](const std::string& location) {
    std::string text = dataset;
    text.replace(text.find("data/orders_daily/manifest.json"),
                 std::string("data/orders_daily/manifest.json").size(), location);
    write(folder_.path() / "p/datasets/orders_daily.yml", text);
  };
  write(folder_.path() / "p/offloader.yml",
        "version: 1\nkeys: keys/keys.yml\nallowed_origins: [\"" + store.url() + "\"]\n");
  store.put("/s/manifest.json", manifest.dump());
  store.put("/s/part-0.csv", "tenant_id\n");

  name(store.url() + "/s/manifest.json");
  const std::string good = doctor(0);
  EXPECT_THAT(good, HasSubstr("store " + store.url() + ": ok: read " + store.url() + "/s/manifest.json"));
  EXPECT_THAT(good, HasSubstr("ok: read a byte of " + store.url() + "/s/part-0.csv"));
  EXPECT_GT(store.ranged(), 0);

  name(store.url() + "/none.json?X-Amz-Signature=S3CR3T");
  const std::string missing = doctor(1);
  EXPECT_THAT(missing, HasSubstr("store " + store.url() + ": failed: " + store.url() + "/none.json"));
  EXPECT_THAT(missing, Not(HasSubstr("S3CR3T")));

  name(store.url() + "/private/manifest.json");
  EXPECT_THAT(doctor(1), HasSubstr("store " + store.url() + ": failed"));

  // A local manifest whose files are in the store.
  json remote_file = manifest;
  remote_file["files"][0]["path"] = store.url() + "/s/part-0.csv";
  write(folder_.path() / "p/data/orders_daily/manifest.json", remote_file.dump());
  write(folder_.path() / "p/datasets/orders_daily.yml", dataset);
  EXPECT_THAT(doctor(0), HasSubstr("ok: read a byte of " + store.url() + "/s/part-0.csv"));

  environment_["OFFLOADER_S3_AUTH"] = "sometimes";
  EXPECT_THAT(doctor(1), HasSubstr("settings: failed: Invalid OFFLOADER_S3_AUTH \"sometimes\"."));
}

TEST_F(Doctor, Stores_AllowedButUnused_AreListed) {
  TestStore store;
  write(folder_.path() / "p/offloader.yml",
        "version: 1\nkeys: keys/keys.yml\nallowed_origins: [\"s3://bucket\"]\n");
  environment_["OFFLOADER_S3_ENDPOINT"] = store.url();
  environment_["OFFLOADER_S3_KEY_ID"] = "AKIAS3CR3T";
  environment_["OFFLOADER_S3_SECRET"] = "S3CR3T-of-the-store";
  const std::string refused = doctor(1);
  EXPECT_THAT(refused, HasSubstr("store s3://bucket: failed: s3://bucket/: "));
  EXPECT_THAT(refused, Not(HasSubstr("S3CR3T")));
  const std::string listing =
      "<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>";
  store.put("/bucket", listing);
  store.put("/bucket/", listing);
  EXPECT_THAT(doctor(0), HasSubstr("store s3://bucket: ok: listed s3://bucket/"));
}

TEST_F(Doctor, Issuers_UrlWithAQuery_IsShownWithoutIt) {
  write(fs::path(project_) / "identity.yml",
        "issuers:\n  - {id: corp, issuer: 'https://a.example', audience: [o], jwks: "
        "'https://127.0.0.1:1/jwks?sig=hidden', algorithms: [ES256], tenant_claim: tenant, endpoints: "
        "['*']}\n");
  write(fs::path(project_) / "offloader.yml",
        contents(fs::path(project_) / "offloader.yml") + "\nidentity: identity.yml\n");
  const std::string checks = doctor(1);
  EXPECT_THAT(checks, HasSubstr("issuer corp: failed: https://127.0.0.1:1/jwks: "));
  EXPECT_THAT(checks, Not(HasSubstr("hidden")));
}

TEST_F(Doctor, Diagnostics_TroubledServer_AreExplained) {
  TestStore server;
  server.put("/live", "{}");
  server.put("/status", R"({"version":"0","ready":true})");
  environment_["OFFLOADER_ADMIN_PORT"] = server.url().substr(server.url().rfind(':') + 1);
  const auto diagnose = [&](const std::string& body) {
    server.put("/diagnostics", body);
    return doctor(0);
  };
  const std::string rejected = diagnose(
      R"({"datasets":[],"config_sync":{"result":"error","error":"1 finding","findings":[
          {"file":"endpoints/a.yml","line":3,"path":"dataset","code":"unknown_dataset","message":"no such"}]}})");
  EXPECT_THAT(rejected,
              HasSubstr("running project: warning: the server rejects the changed project: "
                        "endpoints/a.yml:3: unknown_dataset at dataset: no such\ncorrect the project"));
  EXPECT_THAT(diagnose(R"({"datasets":[],"config_sync":{"result":"error","error":"the bucket is away"}})"),
              HasSubstr("rejects the changed project: the bucket is away\n"));
  EXPECT_THAT(diagnose(R"({"datasets":[],"config_sync":{"result":"applied"}})"), Not(HasSubstr("rejects")));
  const std::string troubled = diagnose(
      R"({"datasets":[{"dataset":"a","active_snapshot":{},"stale":true},
          {"dataset":"b","active_snapshot":{},"stale":true,"quarantined_snapshot_id":"s2"},
          {"dataset":"c","active_snapshot":null,"refresh_error":"missing_file"}]})");
  EXPECT_THAT(troubled, HasSubstr("a (stale)\ncheck that the pipeline publishes new snapshots\n"));
  EXPECT_THAT(troubled, HasSubstr("b (stale)\npublish a newer snapshot than s2, which is quarantined, or "
                                  "serve that one with `offloader snapshot refresh b`\n"));
  EXPECT_THAT(troubled, HasSubstr("c (missing_file)\ncorrect the snapshot, or publish a newer one; then run "
                                  "`offloader snapshot refresh c`\n"));
  EXPECT_THAT(troubled, Not(HasSubstr("/diagnostics")));
}

TEST_F(Doctor, Output_NotATerminal_HasNoColour) {
  const auto text = [&](bool terminal, const std::map<std::string, std::string>& more) {
    auto environment = environment_;
    for (const auto& [name, value] : more) environment[name] = value;
    return run_cli({"doctor", "--config", project_}, {.environment = environment, .terminal = terminal}).out;
  };
  EXPECT_THAT(text(true, {}), HasSubstr("\x1b[32mok"));
  EXPECT_THAT(text(false, {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(text(true, {{"NO_COLOR", "1"}}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(text(true, {{"TERM", "dumb"}}), Not(HasSubstr("\x1b")));
}

TEST(Snapshot, Status_ApiPortOrNoServer_NamesTheFlag) {
  const TestStore api;
  const auto status = [](const std::string& url) {
    return run_cli({"snapshot", "status", "--admin-token", "t", "--admin-url", url}).err;
  };
  EXPECT_THAT(status(api.url()), HasSubstr("This may be the API port. Name the URL of the admin port with "
                                           "--admin-url.\n"));
  EXPECT_THAT(status("http://127.0.0.1:1"), HasSubstr("Name the URL of its admin port with --admin-url.\n"));
}

TEST(Progress, Show_NotATerminalOrNoColor_DrawsNothing) {
  const auto drawn = [](bool terminal, const char* no_color) {
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in;
    const World world{.out = out,
                      .err = err,
                      .in = in,
                      .environment =
                          [=](const std::string& name) {
                            return name == "NO_COLOR" ? std::optional<std::string>(no_color) : std::nullopt;
                          },
                      .out_is_terminal = terminal,
                      .err_is_terminal = terminal};
    show_progress(world, "loading orders", 0.5);
    end_progress(world);
    EXPECT_EQ(out.str(), "");
    return err.str();
  };
  EXPECT_THAT(drawn(true, ""), HasSubstr("loading orders [###############...............]  50 %"));
  EXPECT_EQ(drawn(true, "1"), "");
  EXPECT_EQ(drawn(false, ""), "");
}

}  // namespace
}  // namespace offloader::cli
