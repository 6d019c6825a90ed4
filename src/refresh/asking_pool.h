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

// The threads that ask sources, of which there are never more than `threads`, whatever the number of
// datasets. Tasks are taken oldest first. At most `lively` run that have begun just now; one that has run for
// `stalled_after` no longer counts, so that sources that hang hold back nobody while there are threads left.
// They cannot take them all: the datasets whose last task stalled get `suspected` of the threads at most, and
// the tasks of one origin `of_one_origin`. Any thread.
class AskingPool {
 public:
  struct Limits {
    std::size_t lively = 12;
    std::size_t threads = 14;  // at least 1, as are those below
    std::size_t suspected = 7;
    std::size_t of_one_origin = 10;
    std::chrono::milliseconds stalled_after{1000};
  };
  struct Task {
    std::string origin;  // what hangs together: a store's bucket or host
    // Whether the dataset's last task stalled; kept by the dataset, written by the pool.
    std::shared_ptr<std::atomic<bool>> suspected;
    std::function<void()> ask;  // bounded by its own deadlines and cancellation
  };

  // `report` is told on a pool thread of an exception that a task threw.
  AskingPool(const Limits& limits, EscapeReport report);
  ~AskingPool() { stop(); }

  // Starts the first thread; the others come with need, and where none can be had those that run do it all.
  [[nodiscard]] Result<void> start();
  void submit(Task task);
  // Drops what waits and joins; what runs is to be cancelled before. Idempotent.
  void stop();

 private:
  struct Running {
    Task task;
    bool suspected = false;
    std::chrono::steady_clock::time_point begun;
  };

  void work();
  // The oldest task that may run now.
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
