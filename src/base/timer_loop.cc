#include "offloader/base/timer_loop.h"

#include <algorithm>

namespace offloader {

Result<void> TimerLoop::start() {
  return thread_.start({.name = name_, .report = report_, .after = Thread::AfterEscape::restart},
                       [this] { run(); });
}

void TimerLoop::wake() {
  {
    const MutexLock lock(loop_mutex_);
    woken_ = true;
  }
  woken_changed_.notify_all();
}

void TimerLoop::stop() {
  {
    const MutexLock lock(loop_mutex_);
    stopping_ = true;
  }
  woken_changed_.notify_all();
  thread_.join();
}

void TimerLoop::run() {
  while (true) {
    {
      const MutexLock lock(loop_mutex_);
      if (stopping_) return;
      woken_ = false;  // whatever happens from now on is seen by the next look
    }
    const std::optional<SteadyTime> until = look_();
    MutexLock lock(loop_mutex_);
    const auto woken = [this]() OFFLOADER_REQUIRES(loop_mutex_) { return woken_ || stopping_; };
    if (until) {
      woken_changed_.wait_for(
          loop_mutex_,
          std::max<std::chrono::nanoseconds>(*until - clock_.steady_now(), std::chrono::milliseconds(1)),
          woken);
    } else {
      woken_changed_.wait(loop_mutex_, woken);
    }
  }
}

}  // namespace offloader
