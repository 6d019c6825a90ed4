#include "response_headers.h"

#include <gtest/gtest.h>

#include "tests/api_scene.h"

namespace offloader::api {
namespace {

constexpr SystemTime kNow{std::chrono::hours(480'000)};

class ResponseHeadersTest : public ::testing::Test {
 protected:
  ResponseHeadersTest() {
    contract_.max_staleness_minutes = 60;
    snapshot_->watermark_time = kNow;
    endpoint_.contract = &contract_;
    endpoint_.snapshot = snapshot_;
    endpoint_.editions.fresh.fill('f');
    endpoint_.editions.stale.fill('s');
    exchange_.endpoint = &endpoint_;
    exchange_.request_id = "r1";
    exchange_.allow = "GET, HEAD";
  }

  std::string validators(const ResponseHeaders& headers, SystemTime now = kNow) {
    std::string out;
    headers.append_validators(out, exchange_, "tag", now);
    return out;
  }

  catalog::Endpoint contract_;
  std::shared_ptr<serving::ServedSnapshot> snapshot_ = std::make_shared<serving::ServedSnapshot>();
  serving::ServedEndpoint endpoint_;
  FakeRequest request_{"/"};
  std::shared_ptr<CancelFlag> gone_;
  std::shared_ptr<FakeAnswer> answer_ = std::make_shared<FakeAnswer>();
  Exchange exchange_{request_, http::Responder(std::make_shared<FakeSink>(answer_)), gone_};
  const ResponseHeaders plain_{Cors({})};
  const ResponseHeaders varying_{Cors({"https://a.example"})};
};

TEST_F(ResponseHeadersTest, Validators_AnswerForAKey_IsPrivateAndNotStored) {
  EXPECT_EQ(validators(plain_),
            "etag: W/\"tagffffffffffffffff\"\r\ncache-control: private, no-store\r\n"
            "vary: Accept-Encoding, Authorization\r\n");
  EXPECT_TRUE(validators(varying_).ends_with("vary: Accept-Encoding, Authorization, Origin\r\n"));
}

TEST_F(ResponseHeadersTest, Validators_PublicAnswer_MaxAgeIsTheRestOfItsWindow) {
  exchange_.public_answer = true;
  EXPECT_EQ(validators(plain_, kNow + std::chrono::minutes(50)),
            "etag: W/\"tagffffffffffffffff\"\r\n"
            "cache-control: public, max-age=600, stale-while-revalidate=60\r\nvary: Accept-Encoding\r\n");
}

TEST_F(ResponseHeadersTest, Validators_StaleAnswer_HasAnotherETagAndZeroMaxAge) {
  exchange_.public_answer = true;
  EXPECT_EQ(validators(plain_, kNow + std::chrono::minutes(61)),
            "etag: W/\"tagssssssssssssssss\"\r\n"
            "cache-control: public, max-age=0, stale-while-revalidate=60\r\nvary: Accept-Encoding\r\n");
}

TEST_F(ResponseHeadersTest, MaxAge_IsAtMostAnHourAndAMinuteWithoutAWindow) {
  EXPECT_EQ(max_age_of(endpoint_, kNow - std::chrono::hours(5)), 3600);
  EXPECT_EQ(max_age_of(endpoint_, kNow + std::chrono::milliseconds(500)), 3599);
  EXPECT_EQ(max_age_of(endpoint_, kNow + std::chrono::hours(5)), 0);
  contract_.max_staleness_minutes = std::nullopt;
  EXPECT_EQ(max_age_of(endpoint_, kNow), 60);
}

TEST_F(ResponseHeadersTest, MaxAge_AnswerForToday_EndsAtMidnight) {
  const auto day = std::chrono::floor<std::chrono::days>(kNow);
  const auto today = static_cast<std::int32_t>(day.time_since_epoch().count());
  const SystemTime midnight{day + std::chrono::days(1)};
  contract_.max_staleness_minutes = std::nullopt;
  EXPECT_EQ(max_age_of(endpoint_, midnight - std::chrono::seconds(10), today), 10);
  EXPECT_EQ(max_age_of(endpoint_, midnight - std::chrono::seconds(100), today), 60);
  EXPECT_EQ(max_age_of(endpoint_, midnight + std::chrono::seconds(1), today), 0);
}

TEST_F(ResponseHeadersTest, Uncached_ErrorsAndHealth_AreNotStored) {
  std::string out;
  plain_.append_uncached(out);
  EXPECT_EQ(out, "content-type: application/json\r\ncache-control: no-store\r\n");
  out.clear();
  varying_.append_uncached(out);
  EXPECT_EQ(out, "content-type: application/json\r\ncache-control: no-store\r\nvary: Origin\r\n");
}

TEST_F(ResponseHeadersTest, Common_EveryResponse_HasItsRequestIdAndNosniff) {
  std::string out;
  plain_.append_common(out, "r1", std::nullopt);
  EXPECT_EQ(out, "x-request-id: r1\r\nx-content-type-options: nosniff\r\n");
}

TEST_F(ResponseHeadersTest, Options_ListAllowedMethods_AndCorsHeadersForAPreflight) {
  exchange_.origin = "https://a.example";
  std::string options;
  varying_.append_options(options, exchange_, false);
  EXPECT_TRUE(options.starts_with("allow: GET, HEAD\r\nvary: Origin\r\nx-request-id: r1\r\n")) << options;
  EXPECT_EQ(options.find("access-control-allow-methods"), std::string::npos);
  std::string preflight;
  varying_.append_options(preflight, exchange_, true);
  EXPECT_TRUE(
      preflight.starts_with("allow: GET, HEAD\r\nvary: Origin\r\n"
                            "access-control-allow-origin: https://a.example\r\n"))
      << preflight;
  EXPECT_NE(preflight.find("access-control-allow-methods"), std::string::npos);
}

}  // namespace
}  // namespace offloader::api
