#include "offloader/limits/limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "offloader/base/bounded_name.h"
#include "offloader/base/testing/manual_clock.h"

namespace offloader::limits {
namespace {

using namespace std::chrono_literals;
using catalog::Limits;

std::string headers_of(const Admission& admission) {
  std::string out;
  admission.append_headers(out);
  return out;
}

class LimiterTest : public ::testing::Test {
 protected:
  void make(Limiter::Options options = {}) { limiter_ = std::make_unique<Limiter>(options, clock_); }

  Admission ask(const Limits& limits, std::string_view caller = "app") {
    return limiter_->admit(caller, &limits, clock_.steady_now());
  }
  bool passes(const Limits& limits, std::string_view caller = "app") {
    return !ask(limits, caller).refused_by();
  }
  // Sends requests until one is refused, at most `most`, and returns how many passed.
  int pass_until_refused(const Limits& limits, std::string_view caller = "app", int most = 100'000) {
    int passed = 0;
    while (passed < most && passes(limits, caller)) ++passed;
    return passed;
  }

  ManualClock clock_;
  std::unique_ptr<Limiter> limiter_ = std::make_unique<Limiter>(Limiter::Options{}, clock_);
};

Limits rate(std::uint32_t count, std::uint32_t seconds = 1) {
  return {.rate = Rate{count, seconds}};
}

TEST_F(LimiterTest, NoLimits_PassesWithoutHeaders) {
  for (int i = 0; i < 1000; ++i) {
    const Admission admission = limiter_->admit("app", nullptr, clock_.steady_now());
    EXPECT_FALSE(admission.refused_by());
    EXPECT_EQ(headers_of(admission), "");
  }
  EXPECT_EQ(limiter_->buckets(), 0U);
}

TEST_F(LimiterTest, Rate_FullBucket_HasTheTokensOfOneSecond) {
  EXPECT_EQ(pass_until_refused(rate(100)), 100);
  EXPECT_EQ(pass_until_refused(rate(600, 60), "by minute"), 10);
  EXPECT_EQ(pass_until_refused(rate(5, 60), "less than one a second"), 1);
}

TEST_F(LimiterTest, Burst_SetsTheTokensOfAFullBucket) {
  Limits limits = rate(10);
  limits.burst = 25;
  EXPECT_EQ(pass_until_refused(limits), 25);
  clock_.advance(1s);
  EXPECT_EQ(pass_until_refused(limits), 10);
  clock_.advance(1h);
  EXPECT_EQ(pass_until_refused(limits), 25);
}

TEST_F(LimiterTest, Rate_OverTime_PassesExactlyTheTokens) {
  const Limits limits = rate(100);
  int passed = 0;
  // Ten times the rate for ten seconds.
  for (int i = 0; i < 10'000; ++i) {
    passed += passes(limits) ? 1 : 0;
    clock_.advance(1ms);
  }
  EXPECT_EQ(passed, 100 + 10 * 100 - 1) << "the last token comes at the end of the last second";
}

TEST_F(LimiterTest, Rate_ThatDoesNotDivideASecond_NeverPassesMore) {
  const Limits limits = rate(7);
  int passed = 0;
  for (int i = 0; i < 70'000; ++i) {
    passed += passes(limits) ? 1 : 0;
    clock_.advance(1ms);
  }
  EXPECT_LE(passed, 7 + 7 * 70);
  EXPECT_GE(passed, 7 + 7 * 70 - 1);
}

TEST_F(LimiterTest, Refusal_TakesNothing) {
  Limits limits = rate(10);
  limits.daily_requests = 15;
  EXPECT_EQ(pass_until_refused(limits), 10);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(passes(limits));
  clock_.advance(100ms);
  EXPECT_TRUE(passes(limits)) << "the refused requests did not delay the next token";
  clock_.advance(10s);
  EXPECT_EQ(pass_until_refused(limits), 4) << "nor did they count for the day";
}

TEST_F(LimiterTest, Headers_TellPolicyTokensAndTime) {
  const Limits limits = rate(100);
  EXPECT_EQ(headers_of(ask(limits)),
            "ratelimit-policy: \"rate\";q=100;w=1\r\nratelimit: \"rate\";r=99;t=1\r\n");
  while (passes(limits)) {
  }
  const Admission refused = ask(limits);
  EXPECT_EQ(refused.refused_by(), Limit::rate);
  EXPECT_EQ(refused.retry_after(), 1s);
  EXPECT_EQ(headers_of(refused), "ratelimit-policy: \"rate\";q=100;w=1\r\nratelimit: \"rate\";r=0;t=1\r\n");
  EXPECT_EQ(headers_of(ask(rate(2, 60), "slow")),
            "ratelimit-policy: \"rate\";q=2;w=60\r\nratelimit: \"rate\";r=0;t=30\r\n");
}

TEST_F(LimiterTest, Headers_OfSeveralLimits_AreAList) {
  const Limits limits{.rate = Rate{100, 1}, .concurrent = 5, .daily_requests = 1000, .daily_rows = 50'000};
  EXPECT_EQ(headers_of(ask(limits)),
            "ratelimit-policy: \"rate\";q=100;w=1, \"concurrent\";q=5, \"daily_requests\";q=1000;w=86400, "
            "\"daily_rows\";q=50000;w=86400\r\n"
            "ratelimit: \"rate\";r=99;t=1, \"concurrent\";r=4, \"daily_requests\";r=999;t=43200, "
            "\"daily_rows\";r=50000;t=43200\r\n");
}

TEST_F(LimiterTest, Show_TakesNothing) {
  const Limits limits = rate(3);
  for (int i = 0; i < 100; ++i) static_cast<void>(limiter_->look("app", &limits, clock_.steady_now()));
  EXPECT_EQ(pass_until_refused(limits), 3);
}

TEST_F(LimiterTest, RetryAfter_IsWhenTheNextTokenComes) {
  const Limits limits = rate(2, 60);
  EXPECT_TRUE(passes(limits));
  EXPECT_EQ(ask(limits).retry_after(), 30s);
  clock_.advance(29s);
  EXPECT_EQ(ask(limits).retry_after(), 1s);
  clock_.advance(1s);
  EXPECT_TRUE(passes(limits));
}

TEST_F(LimiterTest, Callers_HaveBucketsOfTheirOwn) {
  const Limits limits = rate(2);
  EXPECT_EQ(pass_until_refused(limits, "one"), 2);
  EXPECT_EQ(pass_until_refused(limits, "two"), 2);
  const std::string long_name(5000, 'x');
  EXPECT_EQ(pass_until_refused(limits, long_name), 2);
  EXPECT_EQ(pass_until_refused(limits, long_name + "y"), 2);
  EXPECT_EQ(limiter_->buckets(), 4U);
}

TEST_F(LimiterTest, Concurrent_IsHeldUntilTheAdmissionEnds) {
  const Limits limits{.concurrent = 2};
  std::optional<Admission> first = ask(limits);
  Admission second = ask(limits);
  EXPECT_TRUE(first->holds_place());
  EXPECT_EQ(ask(limits).refused_by(), Limit::concurrent);
  EXPECT_EQ(ask(limits).retry_after(), 1s);
  Admission moved = std::move(*first);
  EXPECT_FALSE(passes(limits)) << "moving an admission gives nothing back";
  first.reset();
  EXPECT_FALSE(passes(limits));
  moved = std::move(second);
  EXPECT_TRUE(passes(limits)) << "the place of what was overwritten is free";
}

TEST_F(LimiterTest, DailyRequests_BeginAgainAtMidnightInUtc) {
  const Limits limits{.daily_requests = 3};
  EXPECT_EQ(pass_until_refused(limits), 3);
  const Admission refused = ask(limits);
  EXPECT_EQ(refused.refused_by(), Limit::daily_requests);
  EXPECT_EQ(refused.retry_after(), 12h);
  clock_.advance(12h - 1ms);
  EXPECT_EQ(ask(limits).retry_after(), 1s);
  clock_.advance(1ms);
  EXPECT_EQ(pass_until_refused(limits), 3);
}

TEST_F(LimiterTest, DailyRows_RefuseTheRequestAfterTheOneThatPassedThem) {
  const Limits limits{.daily_rows = 100};
  for (int i = 0; i < 2; ++i) {
    Admission admission = ask(limits);
    ASSERT_FALSE(admission.refused_by());
    admission.count_rows(60);
  }
  EXPECT_EQ(ask(limits).refused_by(), Limit::daily_rows);
  clock_.advance(12h);
  EXPECT_TRUE(passes(limits));
}

TEST_F(LimiterTest, DailyRows_OfAnAnswerThatEndsAfterMidnight_CountForThatDay) {
  const Limits limits{.daily_rows = 10};
  Admission long_export = ask(limits);
  clock_.advance(13h);
  long_export.count_rows(11);
  EXPECT_FALSE(passes(limits));
}

TEST_F(LimiterTest, DefaultRate_AppliesWithoutAnOwnRate) {
  make({.default_rate = Rate{5, 1}});
  EXPECT_TRUE(limiter_->applies_to(nullptr));
  int passed = 0;
  while (!limiter_->admit("@network", nullptr, clock_.steady_now()).refused_by()) ++passed;
  EXPECT_EQ(passed, 5);
  EXPECT_EQ(pass_until_refused({.daily_requests = 100}, "daily"), 5);
  EXPECT_EQ(pass_until_refused(rate(50), "own"), 50);
}

TEST_F(LimiterTest, Replicas_EachAllowTheirPart) {
  make({.replicas = 4});
  Limits limits = rate(100);
  limits.daily_requests = 400;
  EXPECT_EQ(pass_until_refused(limits), 25);
  clock_.advance(1s);
  EXPECT_EQ(pass_until_refused(limits), 25);
  clock_.advance(1h);
  EXPECT_EQ(pass_until_refused(limits), 25);
  clock_.advance(1h);
  EXPECT_EQ(pass_until_refused(limits), 25) << "400 requests a day are 100 here";
  clock_.advance(1h);
  EXPECT_EQ(pass_until_refused(limits), 0);
  EXPECT_EQ(pass_until_refused({.daily_requests = 2}, "few"), 1) << "a limit is at least 1";
}

TEST_F(LimiterTest, Change_OfARate_KeepsAtMostTheTokens) {
  EXPECT_EQ(pass_until_refused(rate(1, 3600)), 1);
  EXPECT_FALSE(passes(rate(100))) << "a new rate fills no bucket";
  clock_.advance(10ms);
  EXPECT_TRUE(passes(rate(100))) << "and the old one delays nothing";
  EXPECT_EQ(pass_until_refused(rate(50), "other"), 50);
  clock_.advance(1h);
  EXPECT_EQ(pass_until_refused(rate(10), "other"), 10);
}

TEST_F(LimiterTest, Restored_CountersOfTheDay_GoOn) {
  const auto today = std::chrono::floor<std::chrono::days>(clock_.now());
  limiter_->restore("app", today, {.requests = 7, .rows = 0});
  limiter_->restore("rows", today, {.requests = 1, .rows = 101});
  limiter_->restore("yesterday", today - std::chrono::days{1}, {.requests = 7, .rows = 7});
  EXPECT_EQ(pass_until_refused({.daily_requests = 10}), 3);
  EXPECT_FALSE(passes({.daily_rows = 100}, "rows"));
  // The usage ledger keeps long names in their bounded form.
  const std::string subject = "issuer/" + std::string(400, 's');
  std::string buffer;
  limiter_->restore(bounded_name(subject, buffer), today, {.requests = 7, .rows = 0});
  EXPECT_EQ(pass_until_refused({.daily_requests = 10}, subject), 3);
  EXPECT_EQ(pass_until_refused({.daily_requests = 10}, "yesterday"), 10);
}

TEST_F(LimiterTest, Restored_AndUsedUp_SurvivesWhenRoomIsNeeded) {
  make({.most_buckets = 10});
  const auto today = std::chrono::floor<std::chrono::days>(clock_.now());
  limiter_->restore("app", today, {.requests = 10, .rows = 0});
  const Limits daily{.daily_requests = 10};
  EXPECT_FALSE(passes(daily));
  for (int i = 0; i < 100; ++i) {
    clock_.advance(2s);
    EXPECT_TRUE(passes(rate(1), std::to_string(i)));
  }
  EXPECT_FALSE(passes(daily));
}

TEST_F(LimiterTest, Room_FullBucketsMakeIt_OthersAreKept) {
  make({.most_buckets = 100});
  const Limits fast = rate(1);
  const Limits slow = rate(1, 3600);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(passes(slow, "slow" + std::to_string(i)));
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(passes(fast, "fast" + std::to_string(i)));
  clock_.advance(1s);  // the fast ones are full again
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(passes(slow, "new" + std::to_string(i)));
  EXPECT_EQ(limiter_->buckets(), 100U);
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(passes(slow, "slow" + std::to_string(i)));
    EXPECT_FALSE(passes(slow, "new" + std::to_string(i)));
  }
}

TEST_F(LimiterTest, NoRoom_NewCallersShareOneBucket) {
  make({.most_buckets = 100});
  const Limits slow = rate(1, 3600);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(passes(slow, std::to_string(i)));
  EXPECT_TRUE(passes(slow, "first beyond"));
  EXPECT_FALSE(passes(slow, "second beyond"));
  EXPECT_EQ(limiter_->buckets(), 100U);
  clock_.advance(1h);
  EXPECT_TRUE(passes(slow, "later"));
  EXPECT_TRUE(passes(slow, "later still"));
  EXPECT_EQ(limiter_->buckets(), 100U);
}

TEST_F(LimiterTest, Room_RunningRequestsKeepTheirBucket) {
  make({.most_buckets = 2});
  const Limits limits{.concurrent = 1};
  const Admission one = ask(limits, "one");
  const Admission two = ask(limits, "two");
  EXPECT_TRUE(passes(limits, "three")) << "in the shared bucket";
  EXPECT_FALSE(passes(limits, "one"));
  EXPECT_FALSE(passes(limits, "two"));
}

TEST(LimiterThreads, Concurrent_FromManyThreads_PassesExactlyTheBucket) {
  ManualClock clock;
  Limiter limiter({}, clock);
  const Limits limits{.rate = Rate{1, 3600}, .burst = 5000, .daily_requests = 1'000'000};
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) {
        if (!limiter.admit("app", &limits, clock.steady_now()).refused_by()) ++passed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed, 5000);
}

TEST(LimiterThreads, NewCallers_FromManyThreads_StayWithinTheBound) {
  ManualClock clock;
  Limiter limiter({.most_buckets = 500}, clock);
  const Limits limits{.rate = Rate{1000, 1}, .concurrent = 3};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 3000; ++n) {
        const Admission held =
            limiter.admit(std::to_string(i) + "/" + std::to_string(n % 700), &limits, clock.steady_now());
        if (n % 16 == 0) clock.advance(1ms);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(limiter.buckets(), 500U);
  clock.advance(1h);
  EXPECT_FALSE(limiter.admit("new", &limits, clock.steady_now()).refused_by());
}

}  // namespace
}  // namespace offloader::limits
