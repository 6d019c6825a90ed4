#include "offloader/base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "offloader/base/thread.h"

namespace offloader {
namespace {

using std::chrono::milliseconds;

// Tries from another thread, because a thread must not lock the same mutex twice.
bool is_free(Mutex& mutex) {
  bool free = false;
  Thread other;
  EXPECT_TRUE(other.start({.name = "other"}, [&] {
    free = mutex.try_lock();
    if (free) mutex.unlock();
  }));
  other.join();
  return free;
}

TEST(MutexLock, Scope_WithUnlockedGaps_HoldsTheMutexOtherwise) {
  Mutex mutex;
  {
    MutexLock lock(mutex);
    EXPECT_FALSE(is_free(mutex));
    lock.unlock();
    EXPECT_TRUE(is_free(mutex));
    lock.lock();
    EXPECT_FALSE(is_free(mutex));
    {
      const MutexUnlock unlocked(mutex);
      EXPECT_TRUE(is_free(mutex));
    }
    EXPECT_FALSE(is_free(mutex));
  }
  EXPECT_TRUE(is_free(mutex));
  {
    MutexLock lock(mutex);
    lock.unlock();
  }
  EXPECT_TRUE(is_free(mutex));
}

TEST(Condition, Wait_PredicateBecomesTrue_Returns) {
  struct State {
    Mutex mutex;
    Condition changed;
    int number OFFLOADER_GUARDED_BY(mutex) = 0;
  } state;
  Thread other;
  const MutexLock lock(state.mutex);
  ASSERT_TRUE(other.start({.name = "other"}, [&] {
    const MutexLock own(state.mutex);
    state.number = 7;
    state.changed.notify_all();
  }));
  state.changed.wait(state.mutex, [&]() OFFLOADER_REQUIRES(state.mutex) { return state.number == 7; });
  EXPECT_EQ(state.number, 7);
  EXPECT_FALSE(state.changed.wait_for(state.mutex, milliseconds(1), [] { return false; }));
  EXPECT_FALSE(is_free(state.mutex));
}

TEST(Condition, Wait_PredicateThrows_KeepsTheMutexLocked) {
  Mutex mutex;
  Condition changed;
  const MutexLock lock(mutex);
  EXPECT_THROW(changed.wait(mutex, []() -> bool { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_FALSE(is_free(mutex));
}

}  // namespace
}  // namespace offloader
