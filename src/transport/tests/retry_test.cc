#include "offloader/transport/retry.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "offloader/transport/http_date.h"
#include "offloader/transport/testing/result_matchers.h"

namespace offloader::transport {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::FailsWith;

TEST(RetryAfter, Parse_SecondsOrADate_ReturnsThePause) {
  const SystemTime now = *parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT");
  EXPECT_EQ(retry_after("120", now), milliseconds(120000));
  EXPECT_EQ(retry_after("0", now), milliseconds(0));
  EXPECT_EQ(retry_after("Wed, 21 Oct 2015 07:28:30 GMT", now), milliseconds(30000));
  EXPECT_EQ(retry_after("Wed, 21 Oct 2015 07:27:30 GMT", now), milliseconds(0));
  for (const char* none : {"", "soon", "-1", "1.5", "99999999999999999999"}) {
    EXPECT_EQ(retry_after(none, now), std::nullopt) << none;
  }
}

class Uncounted final : public RequestObserver {
 public:
  void on_answer(const std::string&, const HttpResponse&) override {}
};

// Answers every request with 503 and records when it was asked.
class ScriptedTransport final : public Transport {
 public:
  std::vector<HttpResponse> perform(const std::vector<HttpRequest>& requests) override {
    asked.push_back(steady_clock::now());
    HttpResponse answer;
    answer.outcome = Outcome::answered;
    answer.status = 503;
    return std::vector<HttpResponse>(requests.size(), answer);
  }
  std::vector<SteadyTime> asked;
};

TEST(RetryPauses, Perform_RepeatedFailures_PausesGrowWithJitter) {
  Uncounted uncounted;
  std::vector<std::int64_t> firsts;
  for (int round = 0; round < 6; ++round) {
    ScriptedTransport transport;
    Retrier retrier(transport,
                    {.tries = 4, .first_pause = milliseconds(40), .longest_pause = milliseconds(1000)},
                    milliseconds(1000));
    Conversation with;
    with.observer = &uncounted;
    with.deadline = steady_clock::now() + std::chrono::seconds(30);
    EXPECT_THAT(retrier.perform(Attempt{[]() -> Result<HttpRequest> { return HttpRequest{}; }}, with),
                FailsWith(ErrorCode::unavailable));
    ASSERT_EQ(transport.asked.size(), 4U);
    for (int i = 0; i < 3; ++i) {
      // The pause is at least half of 40, 80 and 160 ms. There is no upper bound: a busy machine may take
      // longer.
      EXPECT_GE(transport.asked[i + 1] - transport.asked[i], milliseconds(20 << i));
    }
    firsts.push_back((transport.asked[1] - transport.asked[0]) / std::chrono::microseconds(1));
  }
  EXPECT_NE(*std::min_element(firsts.begin(), firsts.end()), *std::max_element(firsts.begin(), firsts.end()));
}

}  // namespace
}  // namespace offloader::transport
