// A request that runs out of memory while it joins a query fails alone.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "offloader/executor/testing/fake_executor.h"
#include "offloader/serving/answers.h"

namespace {

thread_local bool fail_next_allocation = false;

}  // namespace

// All forms that may be freed by the operator delete below are replaced, as sanitizers compare them.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size) {
  if (std::exchange(fail_next_allocation, false)) throw std::bad_alloc();
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace offloader::serving {
namespace {

using executor::testing::FakeExecutor;

class AnswersMemory : public ::testing::Test {
 protected:
  using Outcomes = std::vector<std::optional<FetchOutcome>>;

  // `without_memory`: the first allocation of fetch() fails. Where the query already runs and its list of
  // waiters has room, that is the registration of the action on `gone`.
  void ask(bool without_memory) {
    outcomes_.emplace_back();
    FetchCallback callback = [this, at = outcomes_.size() - 1](const FetchOutcome& outcome, bool) {
      EXPECT_FALSE(outcomes_[at]) << "called twice";
      outcomes_[at] = outcome;
    };
    Question question{"q", {"e", "s"}};
    query::Plan plan;
    FetchOptions options{false, 0, without_memory ? std::make_shared<CancelFlag>() : nullptr};
    fail_next_allocation = without_memory;
    answers_.fetch(std::move(question), std::move(plan), nullptr, std::move(options), std::move(callback));
    EXPECT_FALSE(std::exchange(fail_next_allocation, false)) << "nothing was allocated";
  }

  FakeExecutor executor_;
  ResponseCache cache_{{.max_entries = 100, .max_bytes = 1 << 20}, 1};
  Answers answers_{executor_, cache_, sha256("key")};
  Outcomes outcomes_;
};

TEST_F(AnswersMemory, Fetch_JoinsWithoutMemory_FailsOnlyThatRequest) {
  for (int i = 0; i < 3; ++i) ask(false);  // leaves room for a fourth waiter
  ask(true);
  ASSERT_TRUE(outcomes_[3] && !*outcomes_[3]);
  EXPECT_EQ(outcomes_[3]->error().code, ErrorCode::no_memory);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(outcomes_[i]) << "its query still runs";
  EXPECT_FALSE(executor_.cancelled(0));
  ask(false);
  EXPECT_EQ(executor_.queries(), 1U) << "the query can still be joined";
  executor_.answer(0, std::string("1"));
  for (const int i : {0, 1, 2, 4}) EXPECT_TRUE(outcomes_[i] && *outcomes_[i]) << i;
}

}  // namespace
}  // namespace offloader::serving
