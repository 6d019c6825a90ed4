#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "offloader/base/thread.h"

namespace offloader::admin {

// A fixed number of threads for what an operator asks and what takes a while, so that probes are answered
// meanwhile. At most 16 tasks wait. Any thread may submit.
class Worker {
 public:
  // `name`: what its threads are called; at most 15 letters.
  explicit Worker(std::string name, std::size_t threads = 1);
  ~Worker();  // runs no more tasks; what waits is dropped

  // False when too many wait already, or there is no thread to be had; the task is not run then.
  [[nodiscard]] bool submit(std::function<void()> task);

 private:
  void run();
  void stop();

  const std::string name_;
  std::mutex tasks_mutex_;
  std::condition_variable tasks_changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<Thread> threads_;  // from the first task on; guarded by tasks_mutex_ until they run
};

}  // namespace offloader::admin
