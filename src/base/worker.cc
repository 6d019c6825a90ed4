#include "offloader/base/worker.h"

#include <algorithm>
#include <utility>

namespace offloader {

Result<void> Worker::start() {
  const MutexLock lock(tasks_mutex_);
  return start_threads();
}

Result<void> Worker::start_threads() {
  while (threads_.size() < std::max<std::size_t>(options_.threads, 1)) {
    // Add the slot before the thread starts. A thread that was started but could not be stored would be
    // joined here with the lock held, and deadlock.
    threads_.emplace_back();
    auto started = threads_.back().start(
        {.name = options_.name, .report = options_.report, .after = Thread::AfterEscape::restart},
        [this] { run(); });
    if (started) continue;
    threads_.pop_back();
    if (threads_.empty()) return started;
    break;
  }
  return {};
}

bool Worker::offer(Task& task) {
  {
    const MutexLock lock(tasks_mutex_);
    if (stopping_ || tasks_.size() >= options_.most_waiting || !start_threads()) return false;
    tasks_.push_back(std::move(task));
  }
  tasks_changed_.notify_one();
  return true;
}

void Worker::run() {
  while (true) {
    Task task;
    {
      const MutexLock lock(tasks_mutex_);
      tasks_changed_.wait(tasks_mutex_,
                          [&]() OFFLOADER_REQUIRES(tasks_mutex_) { return stopping_ || !tasks_.empty(); });
      if (stopping_ && (tasks_.empty() || options_.at_stop == AtStop::drop)) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    run_guarded(options_.report, task);
  }
}

void Worker::stop() {
  std::vector<Thread> threads;
  {
    const MutexLock lock(tasks_mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  tasks_changed_.notify_all();
  for (Thread& thread : threads) thread.join();
  std::deque<Task> dropped;  // destroyed after the lock is released
  const MutexLock lock(tasks_mutex_);
  dropped.swap(tasks_);
}

}  // namespace offloader
