#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader {

// A bounded queue of tasks and the thread that runs them, oldest first: for what takes longer than its caller
// can wait. What a task throws is reported, and the next one runs. Owned by the owner of what the tasks use,
// and destroyed before that. Any thread may submit; start() and stop() are the owner's.
class Worker {
 public:
  using Task = std::function<void()>;
  enum class AtStop {
    drop,   // what waits is destroyed unrun
    drain,  // what waits is run first
  };
  struct Options {
    std::string name;              // of its threads
    std::size_t threads = 1;       // more than one take tasks side by side
    std::size_t most_waiting = 1;  // tasks; those that run do not count
    AtStop at_stop = AtStop::drop;
    EscapeReport report{};
  };

  explicit Worker(Options options) : options_(std::move(options)) {}
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Starts the threads now; without it the first task does. Where not all can be had, those there are do the
  // work; `busy` when there is none.
  [[nodiscard]] Result<void> start();

  // Queues the task. False when `most_waiting` wait already, when there is no thread to be had, and after
  // stop(): the task is destroyed then, or left as it was.
  [[nodiscard]] bool submit(Task task) { return offer(task); }
  [[nodiscard]] bool offer(Task& task);

  // Takes no more tasks, lets the one that runs come to its end, drops or runs the rest, and joins.
  // Idempotent.
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
