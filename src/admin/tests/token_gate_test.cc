// Wrong tokens are counted, and limited by address without locking the operator out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin_scene.h"
#include "failure_limiter.h"

namespace offloader::admin {
namespace {

using namespace std::chrono_literals;

double failures(AdminScene& scene) {
  const std::string text = scene.metrics();
  const std::string name = "\noffloader_admin_auth_failures_total ";
  const auto at = text.find(name);
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size(), nullptr);
}

TEST(TokenGate, Decide_TenthWrongTokenInAMinute_IsLimited) {
  AdminScene scene;
  for (int i = 1; i <= 9; ++i) {
    const FakeAnswer denied = scene.call("GET", "/diagnostics", "wrong");
    EXPECT_EQ(denied.status, 401) << i;
    EXPECT_EQ(denied.json()["error"]["family"], "unauthorized");
    scene.clock.advance(2s);
  }
  const FakeAnswer limited = scene.call("GET", "/diagnostics", "wrong");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.json()["error"]["family"], "rate_limited");
  EXPECT_EQ(limited.header("retry-after"), "44");  // the first was 18 s ago; the next ten begin 2 s after it
  EXPECT_EQ(failures(scene), 10);
  scene.clock.advance(43s);
  EXPECT_EQ(scene.call("GET", "/diagnostics", "wrong").status, 429);
  scene.clock.advance(60s);
  EXPECT_EQ(scene.call("GET", "/diagnostics", "wrong").status, 401) << "a minute without any";
}

TEST(TokenGate, Decide_WrongTokenAfterRetryAfter_IsNotLimited) {
  AdminScene scene;
  FakeAnswer answer;
  for (int i = 1; i <= 10; ++i) {
    answer = scene.call("GET", "/diagnostics", "wrong");
    scene.clock.advance(1ms);
  }
  ASSERT_EQ(answer.status, 429);
  scene.clock.advance(std::chrono::seconds(std::stoi(answer.header("retry-after"))));
  EXPECT_EQ(scene.call("GET", "/diagnostics", "wrong").status, 401);
}

TEST(TokenGate, Decide_RightTokenFromALimitedAddress_IsAccepted) {
  AdminScene scene;
  for (int i = 0; i < 30; ++i) static_cast<void>(scene.call("POST", "/config/reload", "wrong"));
  EXPECT_EQ(scene.call("POST", "/config/reload", "wrong").status, 429);
  EXPECT_EQ(scene.call("POST", "/config/reload", "right").status, 200);
  EXPECT_EQ(scene.call("POST", "/config/reload", "wrong", "192.0.2.2").status, 401);
}

TEST(TokenGate, Decide_NoToken_IsCountedButNotLimited) {
  AdminScene scene;
  for (int i = 0; i < 15; ++i) EXPECT_EQ(scene.call("GET", "/diagnostics", "").status, 401);
  EXPECT_EQ(failures(scene), 15);
  EXPECT_EQ(scene.call("GET", "/live", "").status, 200) << "open routes count nothing";
  EXPECT_EQ(failures(scene), 15);
}

TEST(TokenGate, Decide_TokenNotConfigured_Is403AndNamesTheVariable) {
  AdminScene scene("");
  for (int i = 0; i < 12; ++i) {
    const FakeAnswer closed = scene.call("GET", "/diagnostics", i % 2 == 0 ? "" : "any");
    EXPECT_EQ(closed.status, 403);
    EXPECT_EQ(closed.json()["error"]["family"], "disabled");
    EXPECT_THAT(closed.body, ::testing::HasSubstr("OFFLOADER_ADMIN_TOKEN"));
  }
  EXPECT_EQ(failures(scene), 0);
}

TEST(FailureLimiter, Record_TooManyAddresses_ForgetsTheOldestFailure) {
  ManualClock clock;
  FailureLimiter limiter(clock);
  const auto fail_nine_times = [&](const std::string& address) {
    for (int i = 0; i < 9; ++i) EXPECT_FALSE(limiter.record(address));
  };
  fail_nine_times("first");
  fail_nine_times("kept");
  for (std::size_t i = 2; i < FailureLimiter::kMaxAddresses; ++i)
    EXPECT_FALSE(limiter.record("10.0." + std::to_string(i)));
  EXPECT_TRUE(limiter.record("kept")) << "moves to the front";
  EXPECT_EQ(limiter.addresses(), FailureLimiter::kMaxAddresses);
  EXPECT_FALSE(limiter.record("new")) << "takes the place of the one that failed longest ago";
  EXPECT_EQ(limiter.addresses(), FailureLimiter::kMaxAddresses);
  EXPECT_TRUE(limiter.record("kept"));
  EXPECT_FALSE(limiter.record("first")) << "was forgotten";
}

}  // namespace
}  // namespace offloader::admin
