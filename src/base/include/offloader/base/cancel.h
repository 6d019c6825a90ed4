#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "offloader/base/mutex.h"

namespace offloader {

// A one-way flag that work in progress looks at, and one action to run when it is raised (interrupting a
// query, aborting a transfer). Shared by whoever can cancel and whoever works. Any thread.
class CancelFlag {
 public:
  // Raises the flag and runs the action, once. Returns after the action has run.
  void cancel();
  [[nodiscard]] bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }

  // Sets what cancel() runs; at once, when it was cancelled already. An empty function clears it, and after
  // that returns the old action is neither running nor will run.
  void on_cancel(std::function<void()> action);

 private:
  std::atomic<bool> cancelled_{false};
  Mutex action_mutex_;
  std::function<void()> action_ OFFLOADER_GUARDED_BY(action_mutex_);
};

}  // namespace offloader
