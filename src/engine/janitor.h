#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace offloader::engine {

// One thread for what no request should wait for: detaching, closing, unlinking, rebuilding. Tasks run in
// order, one at a time; there are never more of them than snapshots alive. After stop() a task runs in the
// thread that posts it, so that nothing is left undone.
class Janitor {
 public:
  Janitor();
  ~Janitor();
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  void post(std::function<void()> task);
  // Does what is queued, then joins. Idempotent.
  void stop();

 private:
  void work();

  std::mutex tasks_mutex_;
  std::condition_variable tasks_ready_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace offloader::engine
