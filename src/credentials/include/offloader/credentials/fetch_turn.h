#pragma once

#include "offloader/base/mutex.h"
#include "offloader/credentials/credentials.h"

namespace offloader::credentials {

// Lets one thread at a time fetch credentials. Unlike a mutex, waiting for it ends at a deadline and can be
// cancelled. Any thread. The thread safety analysis treats it as a lock but cannot see that a flag is one, so
// it skips the functions that set the flag.
class OFFLOADER_CAPABILITY("mutex") FetchTurn {
 public:
  // Takes the turn if no thread has it.
  [[nodiscard]] bool try_take() OFFLOADER_TRY_ACQUIRE(true) OFFLOADER_NO_THREAD_SAFETY_ANALYSIS;
  // Takes the turn, or returns false if the limits end before another thread releases it. Takes a free turn
  // even if the limits have ended.
  [[nodiscard]] bool take(const FetchLimits& limits)
      OFFLOADER_TRY_ACQUIRE(true) OFFLOADER_NO_THREAD_SAFETY_ANALYSIS;
  void release() OFFLOADER_RELEASE() OFFLOADER_NO_THREAD_SAFETY_ANALYSIS;

 private:
  Mutex taken_mutex_;
  Condition released_;
  bool taken_ OFFLOADER_GUARDED_BY(taken_mutex_) = false;
};

// Releases at its end a turn that the caller has taken.
class OFFLOADER_SCOPED_CAPABILITY HeldTurn {
 public:
  explicit HeldTurn(FetchTurn& turn) OFFLOADER_REQUIRES(turn) : turn_(turn) {}
  HeldTurn(const HeldTurn&) = delete;
  HeldTurn& operator=(const HeldTurn&) = delete;
  ~HeldTurn() OFFLOADER_RELEASE() { turn_.release(); }

 private:
  FetchTurn& turn_;
};

// The error of a wait that ended before the turn was free: cancelled or timeout.
[[nodiscard]] tl::unexpected<Error> wait_error(const FetchLimits& limits);

}  // namespace offloader::credentials
