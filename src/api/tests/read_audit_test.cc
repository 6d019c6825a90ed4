// Every data request is one record of the audit log, and none is answered that could not be recorded if it
// must be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/api_scene.h"

namespace offloader::api {
namespace {

using nlohmann::json;

class ReadAuditTest : public ::testing::Test {
 protected:
  void make(audit::AuditOptions options = {}) {
    audit_ = *audit::Audit::start(std::move(options), *telemetry_, real_clock());
    ApiOptions api{.cors_origins = {},
                   .access_log = AccessLog::off,
                   .trusted_proxies = {},
                   .response_memory = nullptr,
                   .report_corrupt = {}};
    api.read_audit = audit_.get();
    scene_ = std::make_unique<ApiScene>(std::move(api));
    scene_->serve(ApiScene::files());
  }

  // Waits for `count` records, and returns the newest ones, oldest first.
  std::vector<json> records(std::uint64_t count) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (audit_->last_seq() < count && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::vector<json> out;
    for (const std::string& line : audit_->newest({.limit = count, .event = {}}).lines)
      out.insert(out.begin(), json::parse(line, nullptr, false));
    return out;
  }

  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::unique_ptr<audit::Audit> audit_;
  std::unique_ptr<ApiScene> scene_;
};

TEST_F(ReadAuditTest, RepeatedHits_AreRecordedWithTheirParams) {
  make();
  static_cast<void>(scene_->get("/v1/endpoints/cached?n=7"));
  scene_->executor.answer(0, std::string("9"));
  for (int i = 0; i < 3; ++i) ASSERT_EQ(scene_->get("/v1/endpoints/cached?n=7")->status, 200);
  const auto all = records(4);
  ASSERT_EQ(all.size(), 4U);
  for (const json& record : all) EXPECT_EQ(record["params"], json({"n"})) << record;
}

TEST_F(ReadAuditTest, Requests_OfEveryOutcome_AreRecordedOnce) {
  make();
  const FakeRequest::Headers id = {{"x-request-id", "r1"}};
  const auto asked = scene_->get("/v1/endpoints/scoped?n=7&limit=5&n=8", "token-tenant", id);
  ASSERT_EQ(asked->status, 422);
  static_cast<void>(scene_->get("/v1/endpoints/scoped?n=7&limit=5", "token-tenant", id));
  scene_->executor.answer(0, std::string("9"));
  static_cast<void>(scene_->get("/v1/endpoints/none"));
  static_cast<void>(scene_->get("/v1/endpoints/cached", "wrong"));
  static_cast<void>(scene_->get("/v1/endpoints/cached?secret-name=1"));
  static_cast<void>(scene_->post("/v1/endpoints/fresh", "[]"));
  static_cast<void>(scene_->get("/v1"));
  static_cast<void>(scene_->get("/healthz"));
  static_cast<void>(scene_->get("/none"));
  const auto all = records(6);
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(audit_->last_seq(), 6U) << "only requests for data are recorded";
  for (const json& each : all) {
    EXPECT_EQ(each["event"], "read");
    EXPECT_EQ(each["client"], "192.0.2.1");
  }
  EXPECT_EQ(all[0]["status"], 422);
  EXPECT_EQ(all[0]["params"], json({"n", "limit"}));
  EXPECT_EQ(all[1]["request_id"], "r1");
  EXPECT_EQ(all[1]["principal"], "tenant");
  EXPECT_EQ(all[1]["tenant"], "acme");
  EXPECT_EQ(all[1]["endpoint"], "scoped");
  EXPECT_EQ(all[1]["params"], json({"n", "limit"}));
  EXPECT_EQ(all[1]["snapshot"], "s1");
  EXPECT_EQ(all[1]["rows"], 1);
  EXPECT_EQ(all[1]["status"], 200);
  EXPECT_EQ(all[2]["status"], 404);
  EXPECT_EQ(all[2]["endpoint"], "_unknown");
  EXPECT_EQ(all[2]["principal"], "app");
  EXPECT_EQ(all[2]["tenant"], nullptr);
  EXPECT_EQ(all[3]["status"], 401);
  EXPECT_EQ(all[3]["principal"], nullptr);
  EXPECT_EQ(all[4]["params"], json({"_unknown"})) << "a name that is not declared may be anything";
  EXPECT_EQ(all[5]["status"], 400);
}

TEST_F(ReadAuditTest, Batch_EachRequest_HasARecordOfItsOwn) {
  make();
  static_cast<void>(scene_->post("/v1/batch",
                                 R"({"requests":[{"endpoint":"cached","params":{"n":1}},)"
                                 R"({"endpoint":"scoped"}]})",
                                 "token-app", {{"x-request-id", "b1"}}));
  scene_->executor.answer(0, std::string("9"));
  static_cast<void>(scene_->post("/v1/batch", "nonsense"));
  const auto all = records(3);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0]["endpoint"], "_unknown");
  EXPECT_EQ(all[0]["status"], 404);
  EXPECT_EQ(all[1]["endpoint"], "cached");
  EXPECT_EQ(all[1]["params"], json({"n"}));
  EXPECT_EQ(all[1]["rows"], 1);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)]["request_id"], "b1");
  EXPECT_GE(all[2]["status"], 400) << "a refused batch has no requests";
}

TEST_F(ReadAuditTest, Requests_LogRequiredButNotWritable_AreRefusedBeforeAnything) {
  make({.path = "/proc/nothing/audit.log", .required = true, .secret = std::string(32, 's')});
  EXPECT_EQ(scene_->get("/v1/endpoints/cached", "")->status, 401) << "a caller without a key learns nothing";
  const auto refused = scene_->get("/v1/endpoints/cached?n=1");
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("retry-after"), "5");
  EXPECT_EQ(json::parse(refused->body)["error"]["family"], "not_ready");
  EXPECT_EQ(scene_->post("/v1/batch", R"({"requests":[{"endpoint":"cached"}]})")->status, 503);
  EXPECT_EQ(scene_->executor.queries(), 0U) << "no query ran";
  EXPECT_EQ(scene_->get("/v1")->status, 200) << "it is not for data";
  EXPECT_EQ(telemetry_->metrics().counter("offloader_shed_total", "", {{"reason", "audit"}}).value(), 2U);
}

TEST_F(ReadAuditTest, Requests_LogNotWritableAndNotRequired_AreServed) {
  make({.path = "/proc/nothing/audit.log", .secret = std::string(32, 's')});
  const auto answer = scene_->get("/v1/endpoints/cached?n=1");
  scene_->executor.answer(0, std::string("9"));
  EXPECT_EQ(answer->status, 200);
  EXPECT_FALSE(audit_->ok());
}

}  // namespace
}  // namespace offloader::api
