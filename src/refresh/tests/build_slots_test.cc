#include "build_slots.h"

#include <gtest/gtest.h>

#include <future>

namespace offloader::refresh {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<CancelFlag> flag() {
  return std::make_shared<CancelFlag>();
}

constexpr auto kPatience = 2min;  // only keeps a broken BuildSlots from hanging the tests

// A build that waits for a slot on its own thread.
struct Waiter {
  Waiter(BuildSlots& slots, std::shared_ptr<CancelFlag> cancel = flag())
      : turn(slots.enter(std::move(cancel))),
        taken(std::async(std::launch::async, [this] { return turn->take(); })) {}
  [[nodiscard]] bool has_slot() {
    return taken.wait_for(kPatience) == std::future_status::ready && taken.get();
  }
  [[nodiscard]] bool waits_for(std::chrono::milliseconds time) {
    return taken.wait_for(time) == std::future_status::timeout;
  }
  std::shared_ptr<BuildSlots::Turn> turn;
  std::future<bool> taken;
};

TEST(BuildSlots, Take_HolderIsBusy_Waits) {
  BuildSlots slots({.slots = 1, .suspended = 4, .patience = 1ms, .longest = 2ms});
  const auto cancel = flag();
  auto first = slots.enter(cancel);
  ASSERT_TRUE(first->take());
  Waiter second(slots);
  EXPECT_TRUE(second.waits_for(100ms));
  EXPECT_FALSE(cancel->cancelled());
  first.reset();
  EXPECT_TRUE(second.has_slot());
}

TEST(BuildSlots, Take_HolderGetsNoBytes_SuspendsIt) {
  BuildSlots slots({.slots = 1, .suspended = 1, .patience = 5ms, .longest = 1h});
  auto slow = slots.enter(flag());
  ASSERT_TRUE(slow->take());
  slow->begin();
  Waiter sibling(slots);
  EXPECT_TRUE(sibling.has_slot());
  sibling.turn.reset();
  slow->end();
}

TEST(BuildSlots, End_SuspendedBuild_GetsASlotBeforeYoungerBuilds) {
  BuildSlots slots({.slots = 1, .suspended = 1, .patience = 5ms, .longest = 5ms});
  auto slow = slots.enter(flag());
  ASSERT_TRUE(slow->take());
  slow->begin();
  const auto cancel = flag();
  Waiter second(slots, cancel);
  ASSERT_TRUE(second.has_slot());
  auto resumed = std::async(std::launch::async, [&] { slow->end(); });
  // There is no room to suspend the second build too, so whoever waits for its slot cancels it. Only the slow
  // build can: once this has happened, it is in the line.
  second.turn->begin();
  while (!cancel->cancelled()) std::this_thread::yield();
  EXPECT_EQ(resumed.wait_for(100ms), std::future_status::timeout) << "the work is done in a slot";
  Waiter third(slots);
  second.turn.reset();
  EXPECT_EQ(resumed.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(third.waits_for(100ms));
  slow.reset();
  EXPECT_TRUE(third.has_slot());
}

TEST(BuildSlots, Take_OneThreadOfTheHolderGetsBytes_Waits) {
  // The patience is long enough for a thread that gets no processor for a while in the loop below.
  BuildSlots slots({.slots = 1, .suspended = 1, .patience = 5s, .longest = 1h});
  auto steady = slots.enter(flag());
  ASSERT_TRUE(steady->take());
  steady->begin();  // a thread that waits all the time
  Waiter second(slots);
  const auto until = std::chrono::steady_clock::now() + 6s;
  while (std::chrono::steady_clock::now() < until) {
    steady->begin();
    ASSERT_TRUE(second.waits_for(20ms));
    steady->end();
  }
  steady.reset();
  EXPECT_TRUE(second.has_slot());
}

TEST(BuildSlots, Take_NoRoomToSuspendAndNoBytes_CancelsTheHolder) {
  BuildSlots slots({.slots = 1, .suspended = 1, .patience = 5ms, .longest = 20ms});
  const auto cancel = flag();
  auto first = slots.enter(flag());
  auto second = slots.enter(cancel);
  ASSERT_TRUE(first->take());
  first->begin();
  ASSERT_TRUE(second->take());
  second->begin();
  Waiter third(slots);
  while (!cancel->cancelled()) std::this_thread::yield();
  EXPECT_TRUE(second->evicted());
  EXPECT_FALSE(first->evicted());
  second->end();
  second.reset();
  EXPECT_TRUE(third.has_slot());
}

TEST(BuildSlots, Came_NoRoomToSuspend_KeepsTheSlot) {
  // As above: the loop may get no processor for a while.
  BuildSlots slots({.slots = 1, .suspended = 0, .patience = 5ms, .longest = 5s});
  auto slow = slots.enter(flag());
  ASSERT_TRUE(slow->take());
  slow->begin();
  Waiter next(slots);
  const auto until = std::chrono::steady_clock::now() + 6s;
  while (std::chrono::steady_clock::now() < until) {
    slow->came();
    ASSERT_TRUE(next.waits_for(10ms));
  }
  EXPECT_FALSE(slow->evicted());
  slow->end();
  slow.reset();
  EXPECT_TRUE(next.has_slot());
}

TEST(BuildSlots, Came_NothingComesAnyMore_CancelsTheHolder) {
  BuildSlots slots({.slots = 1, .suspended = 0, .patience = 5ms, .longest = 50ms});
  const auto cancel = flag();
  auto slow = slots.enter(cancel);
  ASSERT_TRUE(slow->take());
  slow->begin();
  slow->came();
  Waiter next(slots);
  while (!cancel->cancelled()) std::this_thread::yield();
  EXPECT_TRUE(slow->evicted());
  slow->end();
  slow.reset();
  EXPECT_TRUE(next.has_slot());
}

TEST(BuildSlots, Take_HolderGetsBytesSlowly_SuspendsIt) {
  BuildSlots slots({.slots = 1, .suspended = 1, .patience = 50ms, .longest = 1h});
  auto slow = slots.enter(flag());
  ASSERT_TRUE(slow->take());
  slow->begin();
  Waiter next(slots);
  while (next.waits_for(5ms)) slow->came();
  EXPECT_TRUE(next.taken.get());
  next.turn.reset();
  slow->end();
}

TEST(BuildSlots, Take_CancelledOrStopped_ReturnsFalse) {
  BuildSlots slots({.slots = 1, .suspended = 1, .patience = 5ms, .longest = 1h});
  auto suspended = slots.enter(flag());
  ASSERT_TRUE(suspended->take());
  suspended->begin();
  Waiter holder(slots);
  ASSERT_TRUE(holder.has_slot());
  const auto cancel = flag();
  Waiter cancelled(slots, cancel);
  cancel->cancel();
  EXPECT_FALSE(cancelled.has_slot());
  auto resumed = std::async(std::launch::async, [&] { suspended->end(); });
  Waiter waiting(slots);
  slots.stop();
  EXPECT_FALSE(waiting.has_slot());
  EXPECT_EQ(resumed.wait_for(kPatience), std::future_status::ready);
}

}  // namespace
}  // namespace offloader::refresh
