#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>

#include "offloader/base/thread.h"

namespace offloader::engine {

// One thread for what no request should wait for: detaching, closing, unlinking, rebuilding. Tasks run in
// order, one at a time; there are never more of them than snapshots alive. A task that throws is reported and
// dropped. Before start() and after stop() a task runs in the thread that posts it, so that nothing is left
// undone.
class Janitor {
 public:
  using Report = std::function<void(std::string_view what)>;

  Janitor() = default;
  ~Janitor();
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  // Once. `busy` when there is no thread to be had.
  [[nodiscard]] Result<void> start(const char* name, Report report = {});

  void post(std::function<void()> task);
  // Does what is queued, then joins. Idempotent.
  void stop();

 private:
  void work();

  std::mutex tasks_mutex_;
  std::condition_variable tasks_ready_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = true;  // also until it has started
  Thread thread_;
};

}  // namespace offloader::engine
