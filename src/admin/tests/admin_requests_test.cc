// Every request of the admin port gets an id in its answer and a line in the log, and none of its own text
// appears in either.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin_scene.h"

namespace offloader::admin {
namespace {

using nlohmann::json;

// Returns the lines with this message.
std::vector<json> with_message(const std::vector<json>& lines, const std::string& message) {
  std::vector<json> out;
  std::ranges::copy_if(lines, std::back_inserter(out),
                       [&](const json& line) { return line["message"] == message; });
  return out;
}

TEST(AdminRequests, AnyRequest_GetsARequestIdAndALogLine) {
  AdminScene scene;
  const std::vector<std::pair<const char*, const char*>> requests = {{"GET", "/docs"},
                                                                     {"GET", "/schema"},
                                                                     {"GET", "/openapi.json"},
                                                                     {"GET", "/diagnostics"},
                                                                     {"GET", "/support-bundle"},
                                                                     {"POST", "/datasets/orders/refresh"},
                                                                     {"POST", "/config/reload"},
                                                                     {"POST", "/datasets/orders/rollback"},
                                                                     {"GET", "/nothing"},
                                                                     {"POST", "/docs"},
                                                                     {"POST", "/datasets/nobody/refresh"}};
  std::vector<std::string> ids;
  for (const auto& [method, target] : requests) {
    SCOPED_TRACE(target);
    const FakeAnswer answer = scene.call(method, target);
    ids.push_back(answer.header("x-request-id"));
    EXPECT_EQ(ids.back().size(), 32U);
    if (answer.status >= 400) {
      EXPECT_EQ(answer.json()["meta"]["request_id"], ids.back());
    }
  }
  const std::vector<json> lines = with_message(scene.lines(), "admin request");
  ASSERT_EQ(lines.size(), requests.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i]["request_id"], ids[i]);
    EXPECT_EQ(lines[i]["level"], "info");
    EXPECT_EQ(lines[i]["method"], requests[i].first);
    EXPECT_EQ(lines[i]["client"], "192.0.2.1");
    EXPECT_TRUE(lines[i]["status"].is_number_integer() && lines[i]["duration_ms"].is_number());
  }
  EXPECT_EQ(lines[5]["route"], "/datasets/{id}/refresh");
  EXPECT_EQ(lines[5]["dataset"], "orders");
}

TEST(AdminRequests, ProbesAndScrapes_AreLoggedAtDebugLevel) {
  AdminScene quiet;
  for (const char* target : {"/live", "/ready", "/status", "/metrics"})
    EXPECT_EQ(quiet.call("GET", target, "").header("x-request-id").size(), 32U) << target;
  EXPECT_THAT(quiet.lines(), ::testing::IsEmpty());
  AdminScene loud("right", telemetry::Level::debug);
  loud.call("GET", "/live", "");
  ASSERT_EQ(loud.lines().size(), 1U);
  EXPECT_EQ(loud.lines()[0]["level"], "debug");
}

TEST(AdminRequests, ErrorResponse_HasARequestIdAndALogLine) {
  AdminScene scene;
  const http::Response refused = scene.admin().error_response(431, "the headers are too large");
  EXPECT_THAT(refused.headers, ::testing::HasSubstr("x-request-id: "));
  ASSERT_EQ(scene.lines().size(), 1U);
  EXPECT_EQ(scene.lines()[0]["status"], 431);
}

TEST(AdminRequests, RequestIdOfTheCaller_IsKeptIfValid) {
  AdminScene scene;
  EXPECT_EQ(scene.call("GET", "/live", "", "::1", {{"x-request-id", "deploy-7.a_B"}}).header("x-request-id"),
            "deploy-7.a_B");
  EXPECT_EQ(
      scene.call("GET", "/live", "", "::1", {{"x-request-id", "two words"}}).header("x-request-id").size(),
      32U);
}

TEST(AdminRequests, Action_IsLoggedWithItsOutcomeAndClient) {
  AdminScene scene;
  const FakeAnswer back = scene.call("POST", "/datasets/orders/rollback");
  scene.call("POST", "/datasets/orders/rollback?force=true");
  scene.operations.on_rollback = [](const std::string&, bool) -> Result<refresh::RollbackReport> {
    return fail(ErrorCode::conflict, "there is no previous snapshot");
  };
  scene.call("POST", "/datasets/orders/rollback");
  scene.call("POST", "/datasets/orders/refresh");
  scene.call("POST", "/datasets/orders/refresh?wait=false");
  scene.call("POST", "/config/reload");
  scene.operations.reload_report.result = refresh::ReloadReport::Result::error;
  scene.call("POST", "/config/reload");
  scene.call("GET", "/support-bundle");
  std::vector<std::string> seen;
  const std::vector<json> lines = with_message(scene.lines(), "admin action");
  for (const json& line : lines) {
    EXPECT_EQ(line["level"], "info");
    EXPECT_EQ(line["client"], "192.0.2.1");
    seen.push_back(line["action"].get<std::string>() + " " + line["dataset"].get<std::string>() + " " +
                   line["outcome"].get<std::string>());
  }
  EXPECT_THAT(seen,
              ::testing::ElementsAre("rollback orders ok", "rollback, forced orders ok",
                                     "rollback orders conflict", "refresh orders ok", "refresh orders ok",
                                     "reload  unchanged", "reload  invalid_config", "support-bundle  ok"));
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0]["request_id"], back.header("x-request-id"));
}

TEST(AdminRequests, Action_ReceivesTheRequestId) {
  AdminScene scene;
  std::vector<std::string> ids;
  for (const char* target : {"/datasets/orders/rollback", "/datasets/orders/refresh", "/config/reload"})
    ids.push_back(scene.call("POST", target).header("x-request-id"));
  EXPECT_EQ(scene.operations.asked_by(), ids);
}

TEST(AdminRequests, AnyRequest_LeavesNoTextOfTheCallerInTheLog) {
  AdminScene scene("right", telemetry::Level::debug);
  scene.call("TEAPOT", "/t0ld/by-a-caller?and=th1s", "s3cret-guess", "192.0.2.1",
             {{"x-request-id", "n0 id"}});
  scene.call("POST", "/datasets/N0t an id/refresh", "s3cret-guess");
  scene.call("POST", "/datasets/N0t an id/refresh?x=th1s");
  const std::string all = json(scene.lines()).dump();
  for (const char* text : {"TEAPOT", "t0ld", "th1s", "s3cret", "n0 id", "N0t"})
    EXPECT_THAT(all, ::testing::Not(::testing::HasSubstr(text)));
}

TEST(AdminRequests, Task_Throws_Answers500AndIsLogged) {
  AdminScene scene;
  scene.operations.on_facts = []() -> Facts { throw std::bad_alloc(); };
  const FakeAnswer answer = scene.call("GET", "/diagnostics");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.json()["error"]["family"], "internal");
  EXPECT_EQ(with_message(scene.lines(), "admin request failed").size(), 1U);
}

TEST(AdminRequests, Action_FailsWith5xx_AnswersAReasonAndLogsTheMessage) {
  AdminScene scene;
  const std::string hidden = "/var/lib/offloader/a.db: IO Error: boost::wrapexcept";
  const std::vector<std::tuple<ErrorCode, int, const char*>> cases = {
      {ErrorCode::no_space, 500, "disk is full"},
      {ErrorCode::unavailable, 503, "cannot be read or written"},
      {ErrorCode::corrupt, 503, "damaged"},
      {ErrorCode::changed, 503, "changed"},
      {ErrorCode::internal, 500, "internal error"},
      {ErrorCode::rejected, 500, "internal error"}};
  for (const auto& [code, status, reason] : cases) {
    SCOPED_TRACE(name_of(code));
    scene.operations.on_rollback = [&, failure = code](const std::string&,
                                                       bool) -> Result<refresh::RollbackReport> {
      return fail(failure, hidden);
    };
    const FakeAnswer answer = scene.call("POST", "/datasets/orders/rollback");
    EXPECT_EQ(answer.status, status);
    EXPECT_THAT(answer.body, ::testing::HasSubstr(reason));
    EXPECT_THAT(answer.body, ::testing::Not(::testing::HasSubstr("IO Error")));
    EXPECT_EQ(with_message(scene.lines(), "admin request failed").back()["error"], hidden);
  }
  scene.operations.on_rollback = [&](const std::string&, bool) -> Result<refresh::RollbackReport> {
    return fail(ErrorCode::conflict, "there is no previous snapshot");
  };
  EXPECT_EQ(scene.call("POST", "/datasets/orders/rollback").json()["error"]["message"],
            "there is no previous snapshot");
}

TEST(AdminRequests, Rollback_DuringBundleAndDiagnostics_IsAnswered) {
  std::promise<void> go;
  std::shared_future<void> held = go.get_future().share();
  AdminScene scene;
  std::promise<void> packing;
  scene.operations.on_bundle = [&]() -> Result<std::string> {
    packing.set_value();
    held.wait();
    return std::string("bundle");
  };
  scene.operations.on_facts = [&] {
    held.wait();
    return Facts{};
  };
  const FakeRequest bundle("GET", "/support-bundle", {{"authorization", "Bearer right"}});
  const FakeRequest diagnostics("GET", "/diagnostics", {{"authorization", "Bearer right"}});
  const FakeRequest rollback("POST", "/datasets/orders/rollback", {{"authorization", "Bearer right"}});
  auto packed = scene.ask(bundle);
  packing.get_future().wait();
  auto taken = scene.ask(diagnostics);
  auto back = scene.ask(rollback);
  const bool answered = back.wait_for(std::chrono::seconds(60)) == std::future_status::ready;
  go.set_value();
  ASSERT_TRUE(answered);
  EXPECT_EQ(back.get().status, 200);
  EXPECT_EQ(packed.get().body, "bundle");
  EXPECT_EQ(taken.get().status, 200);
}

TEST(AdminRequests, Rollback_WhileAnotherBlocks_IsAnswered) {
  std::promise<void> go;
  std::shared_future<void> held = go.get_future().share();
  std::promise<void> blocked;
  AdminScene scene;
  scene.operations.on_rollback = [&](const std::string& dataset, bool) -> Result<refresh::RollbackReport> {
    if (dataset == "slow") {
      blocked.set_value();
      held.wait();
    }
    return refresh::RollbackReport{dataset, "s1", "s2", "s2"};
  };
  auto slow = scene.ask(FakeRequest("POST", "/datasets/slow/rollback", {{"authorization", "Bearer right"}}));
  blocked.get_future().wait();
  auto other =
      scene.ask(FakeRequest("POST", "/datasets/orders/rollback", {{"authorization", "Bearer right"}}));
  const bool answered = other.wait_for(std::chrono::seconds(60)) == std::future_status::ready;
  go.set_value();
  EXPECT_TRUE(answered);
  EXPECT_EQ(slow.get().status, 200);
}

TEST(AdminRequests, Rollback_AcceptsForceAndNoOtherParam) {
  AdminScene scene;
  std::vector<bool> forced;
  scene.operations.on_rollback = [&](const std::string& dataset, bool force) {
    forced.push_back(force);
    return refresh::RollbackReport{dataset, "s1", "s2", ""};
  };
  for (const char* query : {"", "?force=true", "?force=false"})
    EXPECT_EQ(scene.call("POST", std::string("/datasets/orders/rollback") + query).status, 200) << query;
  EXPECT_THAT(forced, ::testing::ElementsAre(false, true, false));
  for (const char* query :
       {"?force", "?force=", "?force=1", "?forced=true", "?force=true&x=1", "?wait=true"}) {
    const FakeAnswer refused = scene.call("POST", std::string("/datasets/orders/rollback") + query);
    EXPECT_EQ(refused.status, 422) << query;
    EXPECT_EQ(refused.json()["error"]["family"], "invalid_param");
  }
  EXPECT_EQ(forced.size(), 3U);
}

TEST(AdminRequests, AgesAndUptime_AreWholeSecondsAndNeverNegative) {
  AdminScene scene;
  scene.operations.on_facts = [] {
    Facts facts;
    refresh::DatasetStatus dataset;
    dataset.active = refresh::SnapshotStatus{};
    dataset.active->age_seconds = 12.9;
    dataset.previous = refresh::SnapshotStatus{};
    dataset.previous->age_seconds = -3.5;  // the clock of its producer is ahead
    facts.refresh.datasets.push_back(dataset);
    return facts;
  };
  const json dataset = scene.call("GET", "/diagnostics").json()["datasets"][0];
  EXPECT_EQ(dataset["active_snapshot"]["age_seconds"].dump(), "12");
  EXPECT_EQ(dataset["previous_snapshot"]["age_seconds"].dump(), "0");
  scene.clock.advance(std::chrono::microseconds(2'900'000));
  EXPECT_EQ(scene.call("GET", "/status").json()["uptime_seconds"].dump(), "2");
  scene.clock.advance(std::chrono::microseconds(-9'900'000));  // the clock of the machine was set back
  EXPECT_EQ(scene.call("GET", "/status").json()["uptime_seconds"].dump(), "0");
}

}  // namespace
}  // namespace offloader::admin
