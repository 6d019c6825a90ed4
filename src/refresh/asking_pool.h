#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader::refresh {

// A bounded pool of threads that ask sources: at most `threads`, however many datasets there are. Tasks are
// taken oldest first. At most `lively` recently started tasks run at once; a task that has run for
// `stalled_after` no longer counts, so sources that hang delay no others while threads are left. To keep
// threads left, the datasets whose last task stalled get at most `suspected` threads, and the tasks of one
// origin at most `of_one_origin`. Owned by the refresher. Any thread may submit; start() and stop() are the
// owner's.
class AskingPool {
 public:
  struct Limits {
    std::size_t lively = 12;
    std::size_t threads = 14;  // at least 1, like the limits below
    std::size_t suspected = 7;
    std::size_t of_one_origin = 10;
    std::chrono::milliseconds stalled_after{1000};
  };
  struct Task {
    std::string origin;  // the store's bucket or host, which is slow as a whole
    // Whether the dataset's last task stalled. Owned by the dataset, written by the pool.
    std::shared_ptr<std::atomic<bool>> suspected;
    std::function<void()> ask;  // must end by its own deadlines and cancellation
  };

  // `report` is called on a pool thread with each exception that a task threw.
  AskingPool(const Limits& limits, EscapeReport report);
  ~AskingPool() { stop(); }

  // Starts the first thread; more start on demand. If the system cannot start more, the running ones do all
  // the work. Fails with `busy` when the first one cannot be started.
  [[nodiscard]] Result<void> start();
  // Does nothing after stop().
  void submit(Task task);
  // Drops waiting tasks and joins the threads. Requires: running tasks have been cancelled. Idempotent.
  void stop();

 private:
  struct Running {
    Task task;
    bool suspected = false;
    std::chrono::steady_clock::time_point begun;
  };

  void work();
  // Returns the oldest task that may run now, or waiting_.end().
  [[nodiscard]] std::list<Task>::iterator next(std::chrono::steady_clock::time_point now)
      OFFLOADER_REQUIRES(tasks_mutex_);
  [[nodiscard]] bool counts_as_lively(const Running& running,
                                      std::chrono::steady_clock::time_point now) const;
  [[nodiscard]] Result<void> add_thread() OFFLOADER_REQUIRES(tasks_mutex_);

  const Limits limits_;
  const EscapeReport report_;
  Mutex tasks_mutex_;
  Condition changed_;
  std::list<Task> waiting_ OFFLOADER_GUARDED_BY(tasks_mutex_);
  std::list<Running> running_ OFFLOADER_GUARDED_BY(tasks_mutex_);
  std::vector<Thread> threads_ OFFLOADER_GUARDED_BY(tasks_mutex_);
  bool stopping_ OFFLOADER_GUARDED_BY(tasks_mutex_) = false;
};

}  // namespace offloader::refresh
