// What answers take of the memory that they have together (OFFLOADER_RESPONSE_MEMORY): each byte once, for as
// long as somebody holds it, unless the response cache counts it.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "fake_engine.h"
#include "offloader/serving/answers.h"

namespace offloader::serving {
namespace {

constexpr std::size_t kPage = 1 << 20;

class ResponseMemory : public ::testing::Test {
 protected:
  std::optional<Result<Fetched>> ask(const std::string& key, bool cache) {
    std::optional<Result<Fetched>> told;
    const std::size_t before = engine_.queries();
    answers_.fetch({key, {"e", "s"}}, {}, nullptr, {cache, 0, nullptr},
                   [&](const Result<Fetched>& outcome, bool) { told = outcome; });
    if (engine_.queries() > before) engine_.answer(before, FakeEngine::rows(std::string(kPage, 'x')));
    return told;
  }
  std::shared_ptr<const CachedAnswer> made(const std::string& key, bool cache) {
    auto told = ask(key, cache);
    return told && *told ? (*told)->answer : nullptr;
  }

  std::shared_ptr<ByteBudget> memory_ = std::make_shared<ByteBudget>(4 * kPage);
  FakeEngine engine_;
  ResponseCache cache_{{.max_entries = 2, .max_bytes = 64 << 20}, 1};
  Answers answers_{engine_, cache_, sha256("key"), memory_};
};

TEST_F(ResponseMemory, AnAnswerCountsUntilItsLastHolderLetsGo) {
  auto answer = made("q", false);
  ASSERT_NE(answer, nullptr);
  EXPECT_GE(memory_->used(), kPage);
  EXPECT_LT(memory_->used(), kPage + kPage / 2) << "once";
  auto body = answer->shared_prefix();
  answer.reset();
  EXPECT_GE(memory_->used(), kPage) << "a response that is being written holds it";
  body.reset();
  EXPECT_EQ(memory_->used(), 0U);
}

TEST_F(ResponseMemory, WhatTheCacheHoldsIsCountedThereAlone) {
  const auto answer = made("q", true);
  const auto body = answer->shared_prefix();
  answer->count_unless_cached();
  EXPECT_EQ(memory_->used(), 0U);
  EXPECT_GE(cache_.bytes(), kPage);
}

TEST_F(ResponseMemory, WhatIsEvictedCountsWhileAResponseHoldsIt) {
  auto body = made("read", true)->shared_prefix();
  ASSERT_NE(made("unread", true), nullptr);
  for (const char* key : {"a", "b"}) ASSERT_NE(made(key, true), nullptr);  // both go
  EXPECT_GE(memory_->used(), kPage);
  EXPECT_LT(memory_->used(), kPage + kPage / 2) << "what nobody holds does not count";
  body.reset();
  cache_.sweep(0);
  EXPECT_EQ(memory_->used(), 0U);
}

TEST_F(ResponseMemory, AnAnswerThatIsEvictedBeforeItsResponseTakesTheTextCounts) {
  auto answer = made("read", true);
  for (const char* key : {"a", "b"}) ASSERT_NE(made(key, true), nullptr);
  EXPECT_GE(memory_->used(), kPage) << "no other query may take its room";
  auto body = answer->shared_prefix();
  answer->count_unless_cached();
  EXPECT_LT(memory_->used(), kPage + kPage / 2) << "once";
  answer.reset();
  EXPECT_GE(memory_->used(), kPage);
  body.reset();
  EXPECT_EQ(memory_->used(), 0U);
}

TEST_F(ResponseMemory, AnAnswerIsNotKeptWhereWhatGoesForItWouldNotFit) {
  std::vector<std::shared_ptr<const CachedAnswer>> held;
  for (const char* key : {"a", "b"}) held.push_back(made(key, true));
  ByteHold others(memory_);
  others.resize(3 * kPage + kPage / 2);
  ByteHold room(memory_);
  held.push_back(
      std::make_shared<const CachedAnswer>(std::string(kPage / 4, 'x'), 1, false, "tag", std::move(room)));
  cache_.insert("small", {"e", "s"}, held.back(), 0);
  EXPECT_EQ(cache_.peek("small"), nullptr);
  EXPECT_EQ(memory_->used(), 3 * kPage + kPage / 2 + kPage / 4) << "it counts as before";
  EXPECT_EQ(cache_.peek("a"), held[0]);
  EXPECT_EQ(cache_.peek("b"), held[1]);
  EXPECT_EQ(cache_.entries(), 2U);
  EXPECT_GE(cache_.bytes(), 2 * kPage);
  held.clear();
  EXPECT_EQ(memory_->used(), 3 * kPage + kPage / 2);
}

// While one answer enters the cache and another leaves it, no other thread may see room for a third.
TEST_F(ResponseMemory, WhatEntersTheCacheMakesNoRoomForAMomentWhereAnotherLeavesIt) {
  std::vector<std::shared_ptr<const CachedAnswer>> held;
  for (int i = 0; i < 3; ++i) {
    ByteHold room(memory_);
    held.push_back(
        std::make_shared<const CachedAnswer>(std::string(kPage, 'x'), 1, false, "tag", std::move(room)));
    cache_.insert("q" + std::to_string(i), {"e", "s"}, held.back(), 0);
  }
  ASSERT_EQ(memory_->used(), kPage) << "one of three is not in the cache";
  std::atomic<bool> over{false};
  std::size_t least = kPage;
  std::size_t most = kPage;
  std::thread witness([&] {
    while (!over.load()) {
      const std::size_t used = memory_->used();
      least = std::min(least, used);
      most = std::max(most, used);
    }
  });
  for (int i = 0; i < 200'000; ++i)
    cache_.insert("q" + std::to_string(i % 3), {"e", "s"}, held[static_cast<std::size_t>(i % 3)], 0);
  over.store(true);
  witness.join();
  EXPECT_EQ(least, kPage);
  EXPECT_EQ(most, kPage);
}

TEST_F(ResponseMemory, WhileItIsFullNoQueryBegins) {
  std::vector<std::shared_ptr<const CachedAnswer>> held;
  for (int i = 0; i < 4; ++i) held.push_back(made("q" + std::to_string(i), false));
  const std::size_t queries = engine_.queries();
  const auto refused = ask("more", false);
  ASSERT_TRUE(refused && !*refused);
  EXPECT_EQ((*refused).error().code, ErrorCode::no_memory);
  EXPECT_EQ(engine_.queries(), queries);
  held.pop_back();
  EXPECT_NE(made("more", false), nullptr);
}

TEST_F(ResponseMemory, ACallbackThatThrowsKeepsNobodyFromBeingTold) {
  int told = 0;
  for (int i = 0; i < 3; ++i) {
    answers_.fetch({"q", {"e", "s"}}, {}, nullptr, {false, 0, nullptr}, [&](const Result<Fetched>&, bool) {
      ++told;
      throw std::bad_alloc();
    });
  }
  engine_.answer(0, FakeEngine::rows("[1]"));
  EXPECT_EQ(told, 3);
}

TEST_F(ResponseMemory, AQueryThatCannotBeginFailsAndIsNotWaitedFor) {
  engine_.throw_on_run();
  const auto told = ask("q", false);
  ASSERT_TRUE(told && !*told);
  EXPECT_EQ(told->error().code, ErrorCode::no_memory);
  EXPECT_NE(made("q", false), nullptr) << "the next one asks anew";
}

}  // namespace
}  // namespace offloader::serving
