#include "build_queue.h"

#include <utility>

#include "offloader/base/low_priority.h"

namespace offloader::refresh {

BuildQueue::BuildQueue(const BuildSlots::Limits& limits, EscapeReport report)
    : most_threads_(limits.slots + limits.suspended + 1), report_(std::move(report)), slots_(limits) {}

Result<void> BuildQueue::start() {
  threads_.reserve(most_threads_);
  for (std::size_t i = 0; i < most_threads_; ++i) {
    Thread thread;
    auto started = thread.start({.name = "build", .report = report_, .after = Thread::AfterEscape::restart},
                                [this] { work(); });
    if (!started) return started;
    threads_.push_back(std::move(thread));
  }
  return {};
}

void BuildQueue::submit(Job job) {
  {
    const MutexLock lock(jobs_mutex_);
    if (stopping_) return;
    jobs_.push_back(std::move(job));
  }
  jobs_changed_.notify_one();
}

void BuildQueue::stop() {
  std::deque<Job> dropped;
  {
    const MutexLock lock(jobs_mutex_);
    stopping_ = true;
    dropped.swap(jobs_);
  }
  slots_.stop();
  jobs_changed_.notify_all();
  for (Thread& thread : threads_) thread.join();
}

void BuildQueue::work() {
  lower_priority_of_this_thread();
  while (true) {
    Job job;
    std::shared_ptr<BuildSlots::Turn> turn;
    {
      MutexLock lock(jobs_mutex_);
      jobs_changed_.wait(jobs_mutex_,
                         [this]() OFFLOADER_REQUIRES(jobs_mutex_) { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      // Under the lock, so that turns have the order of the jobs. If this throws, the job is still queued.
      turn = slots_.enter(jobs_.front().cancel);
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    run_guarded(report_, [&] { job.build(turn); });
    // Explicit, because others may hold a reference to the turn for a little longer.
    turn->leave();
  }
}

}  // namespace offloader::refresh
