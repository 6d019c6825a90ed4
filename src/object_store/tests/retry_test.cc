#include "offloader/object_store/retry.h"

#include <algorithm>
#include <thread>

#include "http_date.h"
#include "offloader/object_store/testing/fake_s3.h"
#include "store_fixture.h"
#include "traffic.h"

namespace offloader::object_store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

class RetryTest : public ::testing::Test {
 protected:
  RetryTest() {
    contents_.put("lake", "a", bytes_);
    options_.s3.endpoint = fake_.endpoint();
    options_.s3.key_id = "AKID";
    options_.s3.secret = "secret-of-the-test";
  }

  ObjectStore& store() {
    if (!store_) store_ = make_object_store(options_, *telemetry_);
    return *store_;
  }
  void fault(testing::Fault what, int times, int skip = 0) {
    fake_.server().inject(
        {.path_contains = "/lake/a", .skip = skip, .times = times, .fault = std::move(what)});
  }
  Result<std::string> read_all(ObjectStore::Call call = {}) {
    std::string out(bytes_.size(), '\0');
    if (const auto read = store().read("s3://lake/a", {0, out.size()}, out.data(), "", call); !read)
      return fail(read.error());
    return out;
  }

  const std::string bytes_ = some_bytes(200000, 9);
  testing::BucketContents contents_;
  testing::CredentialBook book_;
  testing::IssuedKeys keys_ = book_.add_keys("AKID", "secret-of-the-test");
  testing::FakeS3 fake_{contents_, book_};
  StoreOptions options_ = test_options();
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(RetryTest, EachPassingFaultIsHealedByAnotherTry) {
  testing::Fault reset;
  reset.reset_after = 100000;
  testing::Fault reset_at_once;
  reset_at_once.reset_after = 0;
  testing::Fault closed;
  closed.close_after = 100000;
  testing::Fault shortened;
  shortened.shorten_to = 199999;
  testing::Fault dropped;
  dropped.drop = true;
  for (const testing::Fault& what :
       {reset, reset_at_once, closed, shortened, dropped, testing::status_fault(408),
        testing::status_fault(429), testing::status_fault(500), testing::status_fault(502),
        testing::status_fault(503), testing::status_fault(504)}) {
    fake_.server().clear_log();
    fault(what, 3);
    const auto got = read_all();
    ASSERT_THAT(got, Succeeds()) << (what.instead ? what.instead->status : 0);
    EXPECT_EQ(*got, bytes_);
    EXPECT_EQ(fake_.server().count(), 4U);
  }
}

TEST_F(RetryTest, FourTriesAreTheEnd) {
  fault(testing::status_fault(503), -1);
  const auto got = read_all();
  ASSERT_THAT(got, FailsWith(ErrorCode::unavailable));
  EXPECT_THAT(got.error().detail, HasSubstr("HTTP 503"));
  EXPECT_EQ(fake_.server().count(), 4U);
}

TEST_F(RetryTest, AnswersThatAnotherTryCannotBetterAreNotTriedAgain) {
  for (const int status : {400, 401, 403, 404, 409, 412}) {
    fake_.server().clear_log();
    fault(testing::status_fault(status), 1);
    EXPECT_FALSE(store().get("s3://lake/a", 1 << 20, {}).has_value()) << status;
    EXPECT_EQ(fake_.server().count(), 1U) << status;
  }
}

TEST_F(RetryTest, OnlyTheFailedRangesAreReadAgain) {
  const std::string big = some_bytes(1 << 20, 10);
  contents_.put("lake", "ab", big);
  fake_.server().inject({.path_contains = "/lake/ab", .times = 1, .fault = testing::status_fault(503)});
  std::string first(1000, '\0'), second(1000, '\0');
  ASSERT_THAT(
      store().read_many("s3://lake/ab", {{{0, 1000}, first.data()}, {{500000, 1000}, second.data()}}, "", {}),
      Succeeds());
  EXPECT_EQ(first + second, big.substr(0, 1000) + big.substr(500000, 1000));
  EXPECT_EQ(fake_.server().count(), 3U);
}

TEST_F(RetryTest, RetryAfterIsHonoured) {
  fault(testing::status_fault(429, "1"), 1);
  const auto start = steady_clock::now();
  EXPECT_THAT(read_all(), Succeeds());
  EXPECT_GE(steady_clock::now() - start, milliseconds(1000));
}

TEST_F(RetryTest, ARetryAfterBeyondTheDeadlineIsToldAtOnce) {
  fault(testing::status_fault(503, "3600"), 1);
  const auto start = steady_clock::now();
  EXPECT_THAT(read_all({.deadline = milliseconds(20000)}), FailsWith(ErrorCode::unavailable));
  EXPECT_LT(steady_clock::now() - start, milliseconds(10000));
  EXPECT_EQ(fake_.server().count(), 1U);
}

TEST_F(RetryTest, AStoreThatHangsEndsAtTheDeadline) {
  testing::Fault hang;
  hang.hang = true;
  fault(hang, -1);
  EXPECT_THAT(read_all({.deadline = milliseconds(300)}), FailsWith(ErrorCode::timeout));
}

TEST_F(RetryTest, ACancelledReadEndsAtOnce) {
  testing::Fault hang;
  hang.hang = true;
  fault(hang, -1);
  CancelFlag cancel;
  std::thread canceller([&] {
    while (fake_.server().count() == 0) std::this_thread::sleep_for(milliseconds(1));
    cancel.cancel();
  });
  const auto start = steady_clock::now();
  EXPECT_THAT(read_all({.deadline = milliseconds(60000), .cancel = &cancel}),
              FailsWith(ErrorCode::cancelled));
  EXPECT_LT(steady_clock::now() - start, milliseconds(20000));
  canceller.join();
}

TEST_F(RetryTest, NothingListeningIsUnavailable) {
  {
    testing::FakeServer gone([](const testing::Request&) { return testing::Answer{}; });
    options_.s3.endpoint = gone.url();
  }
  EXPECT_THAT(read_all(), FailsWith(ErrorCode::unavailable));
}

TEST(RetryAfter, IsSecondsOrADate) {
  const SystemTime now = *parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT");
  EXPECT_EQ(retry_after("120", now), milliseconds(120000));
  EXPECT_EQ(retry_after("0", now), milliseconds(0));
  EXPECT_EQ(retry_after("Wed, 21 Oct 2015 07:28:30 GMT", now), milliseconds(30000));
  EXPECT_EQ(retry_after("Wed, 21 Oct 2015 07:27:30 GMT", now), milliseconds(0));
  for (const char* none : {"", "soon", "-1", "1.5", "99999999999999999999"}) {
    EXPECT_EQ(retry_after(none, now), std::nullopt) << none;
  }
}

// Answers what it is told, in turn, and notes when it was asked.
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

TEST(RetryPauses, GrowAndAreJittered) {
  const auto telemetry = telemetry::make_silent_telemetry();
  Traffic traffic(telemetry->metrics(), "s3");
  std::vector<std::int64_t> firsts;
  for (int round = 0; round < 6; ++round) {
    ScriptedTransport transport;
    Retrier retrier(transport,
                    {.tries = 4, .first_pause = milliseconds(40), .longest_pause = milliseconds(1000)},
                    milliseconds(1000));
    Conversation with;
    with.observer = &traffic;
    with.deadline = steady_clock::now() + std::chrono::seconds(30);
    EXPECT_THAT(retrier.perform(Attempt{[]() -> Result<HttpRequest> { return HttpRequest{}; }}, with),
                FailsWith(ErrorCode::unavailable));
    ASSERT_EQ(transport.asked.size(), 4U);
    for (int i = 0; i < 3; ++i) {
      // At least half of 40, 80, 160 ms; how much more is the machine's.
      EXPECT_GE(transport.asked[i + 1] - transport.asked[i], milliseconds(20 << i));
    }
    firsts.push_back((transport.asked[1] - transport.asked[0]) / std::chrono::microseconds(1));
  }
  EXPECT_NE(*std::min_element(firsts.begin(), firsts.end()), *std::max_element(firsts.begin(), firsts.end()));
}

}  // namespace
}  // namespace offloader::object_store
