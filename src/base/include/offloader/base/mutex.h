#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "offloader/base/thread_annotations.h"

namespace offloader {

// std::mutex annotated for Clang's thread safety analysis, at no extra cost.
class OFFLOADER_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() OFFLOADER_ACQUIRE() { mutex_.lock(); }
  void unlock() OFFLOADER_RELEASE() { mutex_.unlock(); }
  [[nodiscard]] bool try_lock() OFFLOADER_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

// Holds a mutex from construction to destruction, except between unlock() and lock().
class OFFLOADER_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) OFFLOADER_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  // Adopts a mutex that the caller has already locked.
  MutexLock(Mutex& mutex, std::adopt_lock_t) OFFLOADER_REQUIRES(mutex) : mutex_(mutex) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() OFFLOADER_RELEASE() {
    if (held_) mutex_.unlock();
  }

  void unlock() OFFLOADER_RELEASE() {
    held_ = false;
    mutex_.unlock();
  }
  void lock() OFFLOADER_ACQUIRE() {
    mutex_.lock();
    held_ = true;
  }

 private:
  Mutex& mutex_;
  bool held_ = true;
};

// Unlocks a mutex that the caller holds, and locks it again in the destructor.
class OFFLOADER_SCOPED_CAPABILITY MutexUnlock {
 public:
  explicit MutexUnlock(Mutex& mutex) OFFLOADER_RELEASE(mutex) : mutex_(mutex) { mutex_.unlock(); }
  MutexUnlock(const MutexUnlock&) = delete;
  MutexUnlock& operator=(const MutexUnlock&) = delete;
  ~MutexUnlock() OFFLOADER_RELEASE() {
    mutex_.lock();
  }  // the end of the scope that the constructor opened, as the analysis sees it

 private:
  Mutex& mutex_;
};

// std::condition_variable for a Mutex. A wait releases the mutex while it blocks, and may wake spuriously, so
// the overloads without a predicate belong in a loop. A predicate reads what the mutex guards, so declare it
// as `[&]() OFFLOADER_REQUIRES(mutex_) { return …; }`.
class Condition {
 public:
  void notify_one() noexcept { changed_.notify_one(); }
  void notify_all() noexcept { changed_.notify_all(); }

  void wait(Mutex& mutex) OFFLOADER_REQUIRES(mutex) {
    Borrowed lock(mutex.mutex_);
    changed_.wait(lock.held);
  }
  template <typename Rep, typename Period>
  void wait_for(Mutex& mutex, std::chrono::duration<Rep, Period> most) OFFLOADER_REQUIRES(mutex) {
    Borrowed lock(mutex.mutex_);
    changed_.wait_for(lock.held, most);
  }
  template <typename Clock, typename Duration>
  void wait_until(Mutex& mutex, std::chrono::time_point<Clock, Duration> end) OFFLOADER_REQUIRES(mutex) {
    Borrowed lock(mutex.mutex_);
    changed_.wait_until(lock.held, end);
  }

  // Wait until `holds()` returns true. wait_for() returns the last result of `holds()`. The analysis is off
  // here because it cannot see that the caller's name for the mutex and `mutex` are the same lock.
  template <typename Predicate>
  void wait(Mutex& mutex, Predicate holds) OFFLOADER_REQUIRES(mutex) OFFLOADER_NO_THREAD_SAFETY_ANALYSIS {
    Borrowed lock(mutex.mutex_);
    changed_.wait(lock.held, holds);
  }
  template <typename Rep, typename Period, typename Predicate>
  bool wait_for(Mutex& mutex, std::chrono::duration<Rep, Period> most, Predicate holds)
      OFFLOADER_REQUIRES(mutex) OFFLOADER_NO_THREAD_SAFETY_ANALYSIS {
    Borrowed lock(mutex.mutex_);
    return changed_.wait_for(lock.held, most, holds);
  }

 private:
  // Lends the caller's lock to std::condition_variable. The destructor does not unlock it, even if a
  // predicate throws: the caller still owns it.
  struct Borrowed {
    explicit Borrowed(std::mutex& mutex) : held(mutex, std::adopt_lock) {}
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    ~Borrowed() { held.release(); }
    std::unique_lock<std::mutex> held;
  };

  std::condition_variable changed_;
};

}  // namespace offloader
