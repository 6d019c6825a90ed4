#pragma once

#include <functional>

#include "offloader/base/cancel.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/duckdb/instance.h"

namespace offloader::local_executor {

// Reports the progress of a connection's statements, and interrupts them after cancellation. It repeats the
// interrupt every 50 ms, because DuckDB loses one that arrives between two statements. Owned by the thread
// that runs the statements. Has a thread of its own, which calls `progress`; the destructor joins it.
class BuildWatch {
 public:
  using Progress = std::function<void(double)>;  // 0 to 1, never decreasing

  // `connection` and `cancel` must outlive the watch. `cancel` may be null, and `progress` empty.
  BuildWatch(duckdb::Connection& connection, const CancelFlag* cancel, Progress progress = {});
  BuildWatch(const BuildWatch&) = delete;
  BuildWatch& operator=(const BuildWatch&) = delete;
  ~BuildWatch();

  // Requires: called once. Errors: `busy` if the thread cannot be started. Do not run the statements then,
  // since they could not be cancelled.
  [[nodiscard]] Result<void> start();

 private:
  void watch();

  duckdb::Connection& connection_;
  const CancelFlag* const cancel_;
  const Progress progress_;
  Mutex done_mutex_;
  Condition done_changed_;
  bool done_ OFFLOADER_GUARDED_BY(done_mutex_) = false;
  double told_ = 0;  // the last progress reported; used by the thread only
  Thread thread_;    // the last member, so that it is joined before the others are destroyed
};

}  // namespace offloader::local_executor
