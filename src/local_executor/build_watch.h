#pragma once

#include <functional>

#include "offloader/base/cancel.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/duckdb/instance.h"

namespace offloader::local_executor {

// Tells the progress of a connection's statements, and interrupts the connection again and again once it is
// cancelled: an interrupt between two statements is lost. Owned by whoever runs the statements; a thread of
// its own.
class BuildWatch {
 public:
  using Progress = std::function<void(double)>;  // 0 to 1, never back

  // All outlive it; `cancel` may be null, and `progress` empty.
  BuildWatch(duckdb::Connection& connection, const CancelFlag* cancel, Progress progress = {});
  BuildWatch(const BuildWatch&) = delete;
  BuildWatch& operator=(const BuildWatch&) = delete;
  ~BuildWatch();

  // Once. `busy` when there is no thread to be had: what nobody could cancel is not begun.
  [[nodiscard]] Result<void> start();

 private:
  void watch();

  duckdb::Connection& connection_;
  const CancelFlag* const cancel_;
  const Progress progress_;
  Mutex done_mutex_;
  Condition done_changed_;
  bool done_ OFFLOADER_GUARDED_BY(done_mutex_) = false;
  double told_ = 0;  // the thread's own
  Thread thread_;    // last: joined before the rest goes
};

}  // namespace offloader::local_executor
