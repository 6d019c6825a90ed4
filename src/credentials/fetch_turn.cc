#include "offloader/credentials/fetch_turn.h"

#include <algorithm>
#include <chrono>

namespace offloader::credentials {
namespace {

// How often a waiting thread checks its cancel flag.
constexpr std::chrono::milliseconds kCancelPoll{20};

bool cancelled(const FetchLimits& limits) {
  return limits.cancel != nullptr && limits.cancel->cancelled();
}

}  // namespace

bool FetchTurn::try_take() {
  const MutexLock lock(taken_mutex_);
  if (taken_) return false;
  taken_ = true;
  return true;
}

bool FetchTurn::take(const FetchLimits& limits) {
  const MutexLock lock(taken_mutex_);
  while (taken_) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= limits.deadline || cancelled(limits)) return false;
    released_.wait_until(taken_mutex_, limits.cancel == nullptr
                                           ? limits.deadline
                                           : std::min<SteadyTime>(limits.deadline, now + kCancelPoll));
  }
  taken_ = true;
  return true;
}

void FetchTurn::release() {
  {
    const MutexLock lock(taken_mutex_);
    taken_ = false;
  }
  released_.notify_one();
}

tl::unexpected<Error> wait_error(const FetchLimits& limits) {
  if (cancelled(limits)) return fail(ErrorCode::cancelled, "cancelled");
  return fail(ErrorCode::timeout, "fetching credentials for the store took too long",
              "another request is still fetching them");
}

}  // namespace offloader::credentials
