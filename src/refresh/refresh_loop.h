#pragma once

#include <functional>
#include <optional>

#include "offloader/base/clock.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader::refresh {

// The one loop of all timers: looks at the actors, then sleeps until the first of them is due, or until it is
// woken. Looking only begins work, and does none. start() and stop() are the owner's, wake() is anybody's.
class RefreshLoop {
 public:
  // `look`: at all of them; returns when to look again (nullopt: when woken).
  RefreshLoop(const Clock& clock, EscapeReport report, std::function<std::optional<SteadyTime>()> look)
      : clock_(clock), report_(std::move(report)), look_(std::move(look)) {}
  ~RefreshLoop() { stop(); }

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
