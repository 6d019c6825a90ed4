// Actions of the admin port go into the audit log, which GET /audit shows.

#include "audit_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "admin_scene.h"

namespace offloader::admin {
namespace {

using nlohmann::json;

// Waits until the log has `count` records.
bool await_records(const audit::Audit& audit, std::uint64_t count) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (audit.last_seq() < count) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

TEST(AuditPage, Actions_AreRecordedWithWhoAndOutcome) {
  AdminScene scene;
  scene.operations.on_rollback = [](const std::string&, bool) -> Result<refresh::RollbackReport> {
    return fail(ErrorCode::conflict, "there is no previous snapshot");
  };
  const FakeRequest::Headers id = {{"x-request-id", "a1"}};
  EXPECT_EQ(scene.call("POST", "/datasets/orders/refresh", "right", "192.0.2.9", id).status, 200);
  EXPECT_EQ(scene.call("POST", "/datasets/orders/rollback?force=true").status, 409);
  EXPECT_EQ(scene.call("POST", "/config/reload").status, 200);
  EXPECT_EQ(scene.call("GET", "/support-bundle").status, 200);
  EXPECT_EQ(scene.call("GET", "/support-bundle", "wrong").status, 401);
  ASSERT_TRUE(await_records(*scene.audit, 4));
  const FakeAnswer answer = scene.call("GET", "/audit");
  ASSERT_EQ(answer.status, 200);
  const json page = answer.json();
  EXPECT_EQ(page["ok"], true);
  EXPECT_EQ(page["file"], false);
  EXPECT_EQ(page["last_seq"], 4);
  EXPECT_EQ(page["next_before"], nullptr);
  ASSERT_EQ(page["records"].size(), 4U);
  json first = page["records"][3];
  EXPECT_EQ(first["hmac"].get<std::string>().size(), 64U);
  first.erase("hmac");
  first.erase("time");
  EXPECT_EQ(first, json({{"seq", 1},
                         {"event", "action"},
                         {"action", "refresh"},
                         {"dataset", "orders"},
                         {"by", "token"},
                         {"client", "192.0.2.9"},
                         {"request_id", "a1"},
                         {"outcome", "ok"}}));
  EXPECT_EQ(page["records"][2]["action"], "rollback, forced");
  EXPECT_EQ(page["records"][2]["outcome"], "conflict");
  EXPECT_EQ(page["records"][1]["action"], "reload");
  EXPECT_EQ(page["records"][1]["dataset"], nullptr);
  EXPECT_EQ(page["records"][0]["action"], "support-bundle");
}

TEST(AuditPage, Params_ChooseThePage) {
  AdminScene scene;
  for (int i = 0; i < 5; ++i) static_cast<void>(scene.call("POST", "/config/reload"));
  ASSERT_TRUE(await_records(*scene.audit, 5));
  const json page = scene.call("GET", "/audit?limit=2&before=5&event=action").json();
  ASSERT_EQ(page["records"].size(), 2U);
  EXPECT_EQ(page["records"][0]["seq"], 4);
  EXPECT_EQ(page["next_before"], 3);
  EXPECT_TRUE(scene.call("GET", "/audit?event=read").json()["records"].empty());
  for (const char* wrong : {"limit=0", "limit=1001", "limit=x", "limit=1&limit=2", "before=0", "before=-1",
                            "event=A%20b", "other=1", "limit=%zz"})
    EXPECT_EQ(scene.call("GET", std::string("/audit?") + wrong).status, 422) << wrong;
}

TEST(AuditPage, Access_NeedsTheToken) {
  AdminScene scene;
  EXPECT_EQ(scene.call("GET", "/audit", "").status, 401);
  EXPECT_EQ(scene.call("POST", "/audit").status, 405);
  AdminScene disabled("");
  EXPECT_EQ(disabled.call("GET", "/audit", "any").status, 403);
}

TEST(AuditPage, Actions_LogRequiredButNotWritable_AreRefusedBeforeAnything) {
  AdminScene scene("right", telemetry::Level::info,
                   {.path = "/proc/nothing/audit.log", .required = true, .secret = std::string(32, 's')});
  for (const char* target : {"/datasets/orders/refresh", "/datasets/orders/rollback", "/config/reload"}) {
    const FakeAnswer answer = scene.call("POST", target);
    EXPECT_EQ(answer.status, 503) << target;
    EXPECT_EQ(answer.header("retry-after"), "5");
    EXPECT_EQ(answer.json()["error"]["family"], "not_ready");
  }
  EXPECT_EQ(scene.call("GET", "/support-bundle").status, 503);
  EXPECT_TRUE(scene.operations.asked_by().empty());
  EXPECT_EQ(scene.call("GET", "/diagnostics").status, 200);
  EXPECT_EQ(scene.call("GET", "/audit").json()["ok"], false);
  EXPECT_THAT(scene.metrics(), ::testing::HasSubstr("offloader_audit_ok 0"));
  EXPECT_THAT(scene.metrics(), ::testing::HasSubstr("offloader_shed_total{reason=\"audit\"} 4"));
}

}  // namespace
}  // namespace offloader::admin
