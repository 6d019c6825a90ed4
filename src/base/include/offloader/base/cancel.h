#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "offloader/base/mutex.h"

namespace offloader {

// A one-way flag that running work polls, with one action to run when the flag is raised (interrupt a query,
// abort a transfer). Shared by the canceller and the worker. Any thread may call it. Requires: the action
// does not call cancel() or on_cancel() of the same flag; it runs with the flag's mutex held.
class CancelFlag {
 public:
  // Raises the flag and runs the action. Only the first call does anything. Returns after the action has run.
  void cancel();
  [[nodiscard]] bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }

  // Sets the action that cancel() runs, or runs it at once if the flag is already raised. An empty function
  // clears it: after that call returns, the previous action is not running and will not run.
  void on_cancel(std::function<void()> action);

 private:
  std::atomic<bool> cancelled_{false};
  Mutex action_mutex_;
  std::function<void()> action_ OFFLOADER_GUARDED_BY(action_mutex_);
};

}  // namespace offloader
