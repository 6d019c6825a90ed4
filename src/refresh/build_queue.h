#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "build_slots.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader::refresh {

// The threads that build, at low priority, and what waits for them: oldest first. Bounded by the datasets,
// each of which has one build at most. Any thread.
class BuildQueue {
 public:
  struct Job {
    std::shared_ptr<CancelFlag> cancel;
    // Builds. The turn is its place among the slots, not yet taken; it is left when this returns.
    std::function<void(const std::shared_ptr<BuildSlots::Turn>&)> build;
  };

  BuildQueue(const BuildSlots::Limits& limits, EscapeReport report);
  ~BuildQueue() { stop(); }

  // As many threads as there may be builds at once, in slots and suspended, and one that waits for a slot: it
  // is what finds out that a build gets nothing.
  [[nodiscard]] Result<void> start();
  void submit(Job job);
  // Drops what waits and joins; what runs is to be cancelled before. Idempotent.
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
  std::vector<Thread> threads_;  // the owner's
};

}  // namespace offloader::refresh
