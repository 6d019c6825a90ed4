#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "build_slots.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader::refresh {

// The build threads, at low priority, and the queue of waiting builds, oldest first. The queue is bounded by
// the number of datasets, each of which has at most one build. Owned by the refresher. Any thread may submit;
// start() and stop() are the owner's.
class BuildQueue {
 public:
  struct Job {
    std::shared_ptr<CancelFlag> cancel;
    // Runs the build. The turn is its place among the slots, not taken yet; it is left when this returns.
    std::function<void(const std::shared_ptr<BuildSlots::Turn>&)> build;
  };

  BuildQueue(const BuildSlots::Limits& limits, EscapeReport report);
  ~BuildQueue() { stop(); }

  // Starts slots + suspended + 1 threads. The additional one waits for a slot and thereby notices a build
  // that gets nothing. Fails with `busy` when the system cannot start a thread.
  [[nodiscard]] Result<void> start();
  // Does nothing after stop().
  void submit(Job job);
  // Drops waiting jobs and joins the threads. Requires: running jobs have been cancelled. Idempotent.
  void stop();

 private:
  void work();

  const std::size_t most_threads_;
  const EscapeReport report_;
  BuildSlots slots_;
  Mutex jobs_mutex_;
  Condition jobs_changed_;
  bool stopping_ OFFLOADER_GUARDED_BY(jobs_mutex_) = false;
  std::deque<Job> jobs_ OFFLOADER_GUARDED_BY(jobs_mutex_);
  std::vector<Thread> threads_;  // used by the owner's thread only
};

}  // namespace offloader::refresh
