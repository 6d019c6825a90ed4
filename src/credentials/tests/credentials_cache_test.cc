#include "offloader/credentials/credentials_cache.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "offloader/credentials/testing/manual_clock.h"
#include "offloader/transport/testing/result_matchers.h"

namespace offloader::credentials {
namespace {

using std::chrono::minutes;
using transport::testing::FailsWith;
using transport::testing::Succeeds;

// Returns what the test has set.
class ScriptedProvider final : public AwsProvider {
 public:
  explicit ScriptedProvider(const char* name) : name_(name) {}
  const char* name() const override { return name_; }
  Result<std::optional<AwsKeys>> load(const FetchLimits&) override {
    ++loads;
    return next;
  }

  Result<std::optional<AwsKeys>> next = std::nullopt;
  int loads = 0;

 private:
  const char* const name_;
};

class CredentialsCacheTest : public ::testing::Test {
 protected:
  CredentialsCache<AwsKeys>& cache(bool required = false) {
    if (!cache_) {
      std::vector<std::unique_ptr<AwsProvider>> chain;
      for (ScriptedProvider** each : {&first_, &second_}) {
        auto provider = std::make_unique<ScriptedProvider>(each == &first_ ? "first" : "second");
        *each = provider.get();
        chain.push_back(std::move(provider));
      }
      cache_ = std::make_unique<CredentialsCache<AwsKeys>>(
          std::move(chain), clock_,
          CredentialsCache<AwsKeys>::Rules{required,
                                           [this](const std::string& name) { told_.push_back(name); }});
    }
    return *cache_;
  }
  AwsKeys keys(const char* id, std::optional<minutes> life = std::nullopt) {
    return {id, "secret", "", life ? std::optional(clock_.now() + *life) : std::nullopt};
  }
  std::string key_id() {
    const auto got = cache().get({});
    return !got ? "error" : *got ? (*got)->key_id : "anonymous";
  }

  testing::ManualClock clock_;
  ScriptedProvider* first_ = nullptr;
  ScriptedProvider* second_ = nullptr;
  std::vector<std::string> told_;
  std::unique_ptr<CredentialsCache<AwsKeys>> cache_;
};

TEST_F(CredentialsCacheTest, Get_ProviderEmptyOrFailing_SkipsItOrEndsTheChain) {
  cache();
  second_->next = keys("B");
  EXPECT_EQ(key_id(), "B");
  EXPECT_EQ(key_id(), "B");
  EXPECT_EQ(first_->loads, 1);
  EXPECT_EQ(second_->loads, 1) << "keys that last are not loaded again";
  cache_.reset();
  cache();
  first_->next = fail(ErrorCode::unauthorized, "set up, but wrong");
  second_->next = keys("B");
  EXPECT_THAT(cache().get({}), FailsWith(ErrorCode::unauthorized));
  EXPECT_EQ(second_->loads, 0) << "nobody else's name is read under";
}

TEST_F(CredentialsCacheTest, Get_NoCredentials_IsAnonymousUnlessRequired) {
  EXPECT_EQ(key_id(), "anonymous");
  EXPECT_EQ(told_, std::vector<std::string>{"anonymous"});
  EXPECT_EQ(key_id(), "anonymous");
  EXPECT_EQ(first_->loads, 1) << "for a minute";
  clock_.advance(minutes(2));
  first_->next = keys("A");
  EXPECT_EQ(key_id(), "A");
  EXPECT_EQ(told_, (std::vector<std::string>{"anonymous", "first"}));
  cache_.reset();
  EXPECT_THAT(cache(true).get({}), FailsWith(ErrorCode::unauthorized));
}

TEST_F(CredentialsCacheTest, Get_ExpiringKeys_RenewsEarlyAndUsesOldOnesUntilExpiry) {
  cache();
  first_->next = keys("A", minutes(60));
  EXPECT_EQ(key_id(), "A");
  clock_.advance(minutes(54));
  EXPECT_EQ(key_id(), "A");
  EXPECT_EQ(first_->loads, 1);
  first_->next = fail(ErrorCode::unavailable, "away");
  clock_.advance(minutes(2));
  EXPECT_EQ(key_id(), "A");
  EXPECT_EQ(first_->loads, 2);
  first_->next = keys("B", minutes(60));
  EXPECT_EQ(key_id(), "B");
  clock_.advance(minutes(61));
  first_->next = std::nullopt;
  EXPECT_THAT(cache().get({}), FailsWith(ErrorCode::unavailable))
      << "the place that gave is not left for another";
}

TEST_F(CredentialsCacheTest, Renew_SeveralRefusalsOfTheSameKeys_FetchesOnce) {
  cache();
  first_->next = keys("A");
  const auto used = cache().get({});
  ASSERT_THAT(used, Succeeds());
  EXPECT_FALSE(cache().renew(*used, {})) << "the same keys again";
  first_->next = keys("B");
  EXPECT_TRUE(cache().renew(*used, {}));
  const int loads = first_->loads;
  EXPECT_TRUE(cache().renew(*used, {})) << "there are others by now";
  EXPECT_EQ(first_->loads, loads);
  EXPECT_EQ(key_id(), "B");
}

// Blocks every load until the test releases it. The cap keeps a broken cache from hanging the test.
class BlockingProvider final : public AwsProvider {
 public:
  const char* name() const override { return "blocking"; }
  Result<std::optional<AwsKeys>> load(const FetchLimits&) override {
    std::unique_lock lock(state_mutex_);
    loading_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, minutes(2), [this] { return released_; });
    return AwsKeys{"A", "secret", "", std::nullopt};
  }
  void wait_until_loading() {
    std::unique_lock lock(state_mutex_);
    changed_.wait(lock, [this] { return loading_; });
  }
  void release() {
    const std::lock_guard lock(state_mutex_);
    released_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex state_mutex_;
  std::condition_variable changed_;
  bool loading_ = false;
  bool released_ = false;
};

TEST_F(CredentialsCacheTest, GetAndRenew_AnotherThreadFetches_WaitUntilDeadlineOrCancel) {
  std::vector<std::unique_ptr<AwsProvider>> chain;
  chain.push_back(std::make_unique<BlockingProvider>());
  auto& provider = static_cast<BlockingProvider&>(*chain.front());
  CredentialsCache<AwsKeys> cache(std::move(chain), clock_);
  std::thread fetching([&] { EXPECT_THAT(cache.get({}), Succeeds()); });
  provider.wait_until_loading();

  const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::milliseconds(20); };
  EXPECT_THAT(cache.get({soon(), nullptr}), FailsWith(ErrorCode::timeout));
  EXPECT_FALSE(cache.renew(std::nullopt, {soon(), nullptr}));
  CancelFlag cancel;
  const SteadyTime far = std::chrono::steady_clock::now() + minutes(60);
  std::thread cancelling([&] { cancel.cancel(); });
  EXPECT_THAT(cache.get({far, &cancel}), FailsWith(ErrorCode::cancelled));
  EXPECT_FALSE(cache.renew(std::nullopt, {far, &cancel}));
  cancelling.join();

  std::thread waiting([&] { EXPECT_THAT(cache.get({far, nullptr}), Succeeds()); });
  provider.release();
  waiting.join();
  fetching.join();
}

}  // namespace
}  // namespace offloader::credentials
