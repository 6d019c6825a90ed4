// The audit log of the real program: what is in it, that nothing private is, and what happens when it cannot
// be written.

#include "offloader/audit/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "await.h"
#include "server_process.h"
#include "small_disk.h"
#include "two_tenants.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using two_tenants::kYak;
using two_tenants::kZebra;

const std::string kOrders = "/v1/endpoints/orders";
const std::string kSecretBase = "secret-base-canary-0123456789abcdef";

class AuditedProcess : public ::testing::Test {
 protected:
  void SetUp() override {
    two_tenants::write(project());
    fs::create_directories(logs());
  }

  void start(bool required = false) {
    server_ = std::make_unique<ServerProcess>(
        project(),
        ServerProcess::Options{.environment = {{"OFFLOADER_AUDIT_LOG", file().string()},
                                               {"OFFLOADER_AUDIT_READS", "on"},
                                               {"OFFLOADER_AUDIT_REQUIRED", required ? "on" : "off"},
                                               {"OFFLOADER_ADMIN_TOKEN", "admin-token-canary"},
                                               {"OFFLOADER_SECRET_KEY_BASE", kSecretBase}},
                               .cache_dir = folder_.path() / "cache"});
    ASSERT_TRUE(server_->await_ready()) << server_->log();
    api_ = std::make_unique<HttpClient>(server_->api_port());
    admin_ = std::make_unique<HttpClient>(server_->admin_port());
  }

  fs::path project() const { return folder_.path() / "project"; }
  fs::path logs() const { return folder_.path() / "logs"; }
  fs::path file() const { return logs() / "audit.log"; }

  static std::string text_of(const fs::path& path) {
    std::ifstream in(path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  bool await_text(const std::string& text) const {
    return await([&] { return text_of(file()).find(text) != std::string::npos; });
  }
  // Returns the records of this event.
  std::vector<json> records(const std::string& event) const {
    std::vector<json> out;
    std::istringstream lines(text_of(file()));
    for (std::string line; std::getline(lines, line);) {
      json record = json::parse(line, nullptr, false);
      if (record.is_object() && record.value("event", "") == event) out.push_back(std::move(record));
    }
    return out;
  }
  Answer act(const std::string& target, const std::string& id = "act") const {
    return admin_->send("POST", target, {"authorization: Bearer admin-token-canary", "x-request-id: " + id});
  }
  static std::string finding(const std::vector<fs::path>& files) {
    std::vector<std::string> names;
    for (const fs::path& each : files) names.push_back(each.string());
    const auto verdict = audit::verify(names, kSecretBase);
    if (!verdict) return verdict.error().message;
    return verdict->broken ? std::to_string(verdict->broken->line) + ": " + verdict->broken->message : "";
  }

  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<HttpClient> api_;
  std::unique_ptr<HttpClient> admin_;
};

TEST_F(AuditedProcess, ActionsChangesAndReads_AreRecorded) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_EQ(api_->get(kOrders + "?status=open&limit=3", {kZebra, "x-request-id: read-1"}).status, 200);
  ASSERT_EQ(api_->get(kOrders + "?status=open&limit=3", {kZebra, "x-request-id: read-2"}).status, 200);
  ASSERT_EQ(api_->get(kOrders, {two_tenants::kRevoked, "x-request-id: read-3"}).status, 401);
  two_tenants::write_manifest(project(), "s2", "orders.csv");
  ASSERT_EQ(act("/datasets/orders/refresh", "act-1").status, 200);
  ASSERT_EQ(act("/datasets/orders/rollback", "act-2").status, 200);
  std::string keys = text_of(project() / "keys/keys.yml");
  keys.replace(keys.rfind("second_key"), 10, "other_key");
  std::ofstream(project() / "keys/keys.yml") << keys;
  ASSERT_EQ(act("/config/reload", "act-3").status, 200);
  server_->signal(SIGHUP);
  ASSERT_TRUE(await_text("\"by\":\"signal\""));
  ASSERT_EQ(server_->stop(), 0) << server_->log();

  const auto reads = records("read");
  ASSERT_EQ(reads.size(), 3U);
  EXPECT_EQ(reads[1]["request_id"], "read-2");
  EXPECT_EQ(reads[1]["principal"], "first_key");
  EXPECT_EQ(reads[1]["tenant"], "zebra-corp");
  EXPECT_EQ(reads[1]["endpoint"], "orders");
  EXPECT_EQ(reads[1]["params"], json({"status", "limit"}));
  EXPECT_EQ(reads[1]["snapshot"], "s1");
  EXPECT_EQ(reads[1]["rows"], 3);
  EXPECT_EQ(reads[1]["client"], "127.0.0.1");
  EXPECT_EQ(reads[2]["status"], 401);
  EXPECT_EQ(reads[2]["principal"], "former_key") << "whose key it was is known";

  const auto actions = records("action");
  ASSERT_EQ(actions.size(), 4U);
  EXPECT_EQ(actions[0]["request_id"], "act-1");
  EXPECT_EQ(actions[0]["outcome"], "ok");
  EXPECT_EQ(actions[1]["action"], "rollback");
  EXPECT_EQ(actions[2]["outcome"], "applied");
  EXPECT_EQ(actions[3]["by"], "signal");
  EXPECT_EQ(actions[3]["outcome"], "unchanged");

  std::vector<std::string> snapshots;
  for (const json& each : records("snapshot"))
    snapshots.push_back(each["went"].dump() + " " + each["came"].dump());
  EXPECT_THAT(snapshots, ::testing::ElementsAre("null \"s1\"", "\"s1\" \"s2\"", "\"s2\" \"s1\""));
  const auto contracts = records("contract");
  ASSERT_EQ(contracts.size(), 2U);
  EXPECT_EQ(contracts[0]["added"], json({"orders", "yak_only"}));
  EXPECT_EQ(contracts[0]["went"], nullptr);
  EXPECT_EQ(contracts[1]["went"], contracts[0]["came"]);
  const auto changed = records("keys");
  ASSERT_EQ(changed.size(), 2U);
  EXPECT_EQ(changed[0]["added"].size(), 3U);
  EXPECT_EQ(changed[1]["added"], json({"other_key"}));
  EXPECT_EQ(changed[1]["removed"], json({"second_key"}));
  EXPECT_EQ(records("stopped").size(), 1U);
  EXPECT_EQ(finding({file()}), "");
}

TEST_F(AuditedProcess, Lines_ContainNoSecretAndNoValue) {
  ASSERT_NO_FATAL_FAILURE(start());
  const auto ask = [&](const std::string& target, const std::vector<std::string>& headers) {
    static_cast<void>(api_->get(target, headers));
  };
  ask(kOrders + "?text=value-canary-1&least=4711001", {kZebra});
  ask(kOrders + "?status=value-canary-2", {kZebra});
  ask(kOrders + "?value-canary-3%21=1&value_canary_4=1", {kYak});
  ask("/v1/endpoints/value-canary-5", {kYak});
  ask(kOrders, {"authorization: Bearer offl_value-canary-6"});
  ask(kOrders, {two_tenants::kRevoked});
  ask(kOrders, {kZebra, "x-request-id: value-canary-7!", "x-forwarded-for: value-canary-8"});
  static_cast<void>(api_->send("POST", kOrders, {kZebra, "content-type: application/json"},
                               R"({"text":"value-canary-9","value-canary-10":1})"));
  static_cast<void>(api_->send(
      "POST", "/v1/batch", {kZebra, "content-type: application/json"},
      R"({"requests":[{"id":"value-canary-11","endpoint":"orders","params":{"text":"value-canary-12"}},)"
      R"({"endpoint":"value-canary-13"}]})"));
  static_cast<void>(act("/datasets/value-canary-14/refresh"));
  static_cast<void>(act("/datasets/orders/refresh"));
  static_cast<void>(act("/config/reload"));
  ASSERT_EQ(server_->stop(), 0) << server_->log();
  const std::string text = text_of(file());
  EXPECT_GE(records("read").size(), 9U);
  std::vector<std::string> secrets = two_tenants::canaries();
  std::erase_if(secrets, [](const std::string& each) { return each.ends_with("-corp"); });
  secrets.insert(secrets.end(), {"admin-token-canary", "secret-base-canary", "value-canary", "value_canary",
                                 "4711001", "offl_"});
  for (const std::string& secret : secrets) {
    const auto at = text.find(secret);
    EXPECT_EQ(at, std::string::npos) << secret << " in …" << text.substr(at < 100 ? 0 : at - 100, 250);
  }
  EXPECT_NE(text.find("zebra-corp"), std::string::npos) << "tenants are here alone";
}

TEST_F(AuditedProcess, Rotation_BySighup_GoesOnInTheNewFile) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_EQ(api_->get(kOrders, {kZebra, "x-request-id: before"}).status, 200);
  ASSERT_TRUE(await_text("\"before\""));
  fs::rename(file(), logs() / "audit.log.1");
  server_->signal(SIGHUP);
  ASSERT_TRUE(await_text("\"opened\""));
  ASSERT_EQ(api_->get(kOrders, {kZebra, "x-request-id: after"}).status, 200);
  ASSERT_TRUE(await_text("\"after\""));
  const json page =
      json::parse(admin_->get("/audit?limit=1000", {"authorization: Bearer admin-token-canary"}).body);
  EXPECT_EQ(page["records"].back()["seq"], 1) << "what was rotated is still shown";
  ASSERT_EQ(server_->stop(), 0);
  EXPECT_EQ(finding({logs() / "audit.log.1", file()}), "");
  EXPECT_NE(finding({file(), logs() / "audit.log.1"}), "");
}

// A removed folder, then a full disk.
TEST_F(AuditedProcess, Restart_FileMovedOrCutMeanwhile_IsContinuedOrFound) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_EQ(act("/config/reload").status, 200);
  ASSERT_EQ(server_->stop(), 0);
  const fs::path old = file().string() + ".1";
  fs::rename(file(), old);
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_EQ(server_->stop(), 0);
  EXPECT_EQ(finding({old, file()}), "");
  const std::string text = text_of(file());
  fs::resize_file(file(), text.rfind('\n', text.size() - 2) + 1);
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_EQ(server_->stop(), 0);
  EXPECT_THAT(finding({old, file()}), ::testing::HasSubstr("missing: they were removed")) << "its last line";
}

TEST_F(AuditedProcess, Required_LogCannotBeWritten_RefusesUntilItCan) {
  ASSERT_NO_FATAL_FAILURE(start(true));
  ASSERT_EQ(api_->get(kOrders, {kZebra}).status, 200);
  EXPECT_EQ(server_->metric("offloader_audit_ok"), 1);
  fs::remove_all(logs());
  ASSERT_TRUE(await([&] { return server_->metric("offloader_audit_ok") == 0; }));
  EXPECT_EQ(api_->get(kOrders, {kZebra}).status, 503);
  EXPECT_EQ(api_->get("/healthz").status, 200);
  EXPECT_EQ(act("/datasets/orders/refresh").status, 503);
  EXPECT_GE(server_->metric("offloader_shed_total{reason=\"audit\"}"), 2);
  fs::create_directories(logs());
  ASSERT_TRUE(await([&] { return server_->metric("offloader_audit_ok") == 1; }));
  EXPECT_EQ(api_->get(kOrders, {kZebra}).status, 200);
  EXPECT_EQ(act("/datasets/orders/refresh").status, 200);
  ASSERT_EQ(server_->stop(), 0);
  EXPECT_EQ(finding({file()}), "");
  std::size_t told = 0;
  const std::string log = server_->log();
  for (std::size_t at = 0;
       (at = log.find(R"("message":"the audit log cannot be written")", at)) != std::string::npos; ++at)
    ++told;
  EXPECT_EQ(told, 1U) << "once a change";
}

TEST_F(AuditedProcess, NotRequired_FullDisk_ServesAndCatchesUp) {
  const auto disk = SmallDisk::mount_over(logs(), 1 << 20);
  if (!disk) GTEST_SKIP() << "needs the right to mount; AuditTest.Write_DiskFull… holds the same without it";
  ASSERT_NO_FATAL_FAILURE(start());
  disk->fill(0);
  const auto read = [&] { return api_->get(kOrders, {kZebra}).status == 200; };
  ASSERT_TRUE(await([&] { return read() && server_->metric("offloader_audit_ok") == 0; }));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(read());
  ASSERT_EQ(act("/config/reload", "while-full").status, 200);
  disk->free_up();
  ASSERT_TRUE(await_text("while-full"));
  ASSERT_TRUE(await([&] { return server_->metric("offloader_audit_ok") == 1; }));
  ASSERT_EQ(server_->stop(), 0);
  EXPECT_EQ(finding({file()}), "");
}

TEST_F(AuditedProcess, StandardOutput_HasTheLines) {
  ServerProcess server(project(), {.environment = {{"OFFLOADER_AUDIT_LOG", "-"}}});
  ASSERT_TRUE(server.await_ready()) << server.log();
  ASSERT_EQ(server.stop(), 0);
  // The test has both outputs in one file.
  std::string lines;
  std::istringstream log(server.log());
  for (std::string line; std::getline(log, line);) {
    if (line.starts_with("{\"seq\":")) lines += line + "\n";
  }
  std::ofstream(file()) << lines;
  EXPECT_EQ(records("snapshot").size(), 1U);
  const auto verdict = audit::verify({file().string()}, std::string(32, 'k'));
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->broken);
}

}  // namespace
}  // namespace offloader::app
