#pragma once

#include <functional>
#include <optional>

#include "offloader/base/clock.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader::refresh {

// The timer loop of all datasets: calls `look`, then sleeps until the time that it returned, or until woken.
// `look` only starts work and does none itself. Owned by the refresher, which calls start() and stop(); any
// thread may call wake().
class RefreshLoop {
 public:
  // `look` checks all actors and returns when to call it again (nullopt: when woken).
  RefreshLoop(const Clock& clock, EscapeReport report, std::function<std::optional<SteadyTime>()> look)
      : clock_(clock), report_(std::move(report)), look_(std::move(look)) {}
  ~RefreshLoop() { stop(); }

  // Fails with `busy` when the system cannot start a thread.
  [[nodiscard]] Result<void> start();
  void wake();
  void stop();

 private:
  void run();

  const Clock& clock_;
  const EscapeReport report_;
  const std::function<std::optional<SteadyTime>()> look_;
  Mutex loop_mutex_;
  Condition woken_changed_;
  bool woken_ OFFLOADER_GUARDED_BY(loop_mutex_) = false;
  bool stopping_ OFFLOADER_GUARDED_BY(loop_mutex_) = false;
  Thread thread_;
};

}  // namespace offloader::refresh
