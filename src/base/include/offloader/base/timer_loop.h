#pragma once

#include <functional>
#include <optional>
#include <string>

#include "offloader/base/clock.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader {

// A thread that calls `look`, then sleeps until the time that it returned, or until woken. `look` only starts
// work and does none itself. The owner calls start() and stop(); any thread may call wake().
class TimerLoop {
 public:
  // `look` checks what is due and returns when to call it again (nullopt: when woken). `name` is the
  // thread's.
  TimerLoop(std::string name, const Clock& clock, EscapeReport report,
            std::function<std::optional<SteadyTime>()> look)
      : name_(std::move(name)), clock_(clock), report_(std::move(report)), look_(std::move(look)) {}
  ~TimerLoop() { stop(); }
  TimerLoop(const TimerLoop&) = delete;
  TimerLoop& operator=(const TimerLoop&) = delete;

  // Fails with `busy` when the system cannot start a thread.
  [[nodiscard]] Result<void> start();
  void wake();
  // Waits for a running `look`. Idempotent.
  void stop();

 private:
  void run();

  const std::string name_;
  const Clock& clock_;
  const EscapeReport report_;
  const std::function<std::optional<SteadyTime>()> look_;
  Mutex loop_mutex_;
  Condition woken_changed_;
  bool woken_ OFFLOADER_GUARDED_BY(loop_mutex_) = false;
  bool stopping_ OFFLOADER_GUARDED_BY(loop_mutex_) = false;
  Thread thread_;
};

}  // namespace offloader
