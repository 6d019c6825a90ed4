#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace offloader::admin {

// One thread for what an operator asks and what takes a while, so that probes are answered meanwhile. At most
// 16 tasks wait.
class Worker {
 public:
  Worker();
  ~Worker();  // runs no more tasks; what waits is dropped

  // False when too many wait already; the task is not run then.
  [[nodiscard]] bool submit(std::function<void()> task);

 private:
  void run();

  std::mutex tasks_mutex_;
  std::condition_variable tasks_changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace offloader::admin
