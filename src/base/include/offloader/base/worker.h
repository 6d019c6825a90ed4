#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader {

// A bounded FIFO queue of tasks and the threads that run them, for work that takes longer than its caller can
// wait. An exception of a task is reported, and the next task runs. Owned by the owner of what the tasks use,
// and destroyed before it. Any thread may submit; only the owner calls start() and stop().
class Worker {
 public:
  using Task = std::function<void()>;
  enum class AtStop {
    drop,   // waiting tasks are destroyed without running
    drain,  // waiting tasks run first
  };
  struct Options {
    std::string name;              // of the threads
    std::size_t threads = 1;       // with more than one, tasks run concurrently
    std::size_t most_waiting = 1;  // tasks; running ones do not count
    AtStop at_stop = AtStop::drop;
    EscapeReport report{};
  };

  explicit Worker(Options options) : options_(std::move(options)) {}
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Starts the threads now; otherwise the first task does. Works with fewer threads if not all can be
  // started; fails with `busy` if none can.
  [[nodiscard]] Result<void> start();

  // Queues the task. Returns false if `most_waiting` tasks are waiting, no thread can be started, or stop()
  // was called. submit() then destroys the task; offer() leaves it untouched.
  [[nodiscard]] bool submit(Task task) { return offer(task); }
  [[nodiscard]] bool offer(Task& task);

  // Accepts no more tasks, waits for the running ones, drops or runs the waiting ones, and joins. Idempotent.
  void stop();

 private:
  void run();
  Result<void> start_threads() OFFLOADER_REQUIRES(tasks_mutex_);

  const Options options_;
  Mutex tasks_mutex_;
  Condition tasks_changed_;
  std::deque<Task> tasks_ OFFLOADER_GUARDED_BY(tasks_mutex_);
  bool stopping_ OFFLOADER_GUARDED_BY(tasks_mutex_) = false;
  std::vector<Thread> threads_ OFFLOADER_GUARDED_BY(tasks_mutex_);
};

}  // namespace offloader
