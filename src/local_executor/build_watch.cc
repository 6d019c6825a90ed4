#include "build_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace offloader::local_executor {

BuildWatch::BuildWatch(duckdb::Connection& connection, const CancelFlag* cancel, Progress progress)
    : connection_(connection), cancel_(cancel), progress_(std::move(progress)) {}

BuildWatch::~BuildWatch() {
  {
    const MutexLock lock(done_mutex_);
    done_ = true;
  }
  done_changed_.notify_all();
}

Result<void> BuildWatch::start() {
  return thread_.start({.name = "build-watch", .after = Thread::AfterEscape::restart}, [this] { watch(); });
}

void BuildWatch::watch() {
  MutexLock lock(done_mutex_);
  while (!done_changed_.wait_for(done_mutex_, std::chrono::milliseconds(50),
                                 [this]() OFFLOADER_REQUIRES(done_mutex_) { return done_; })) {
    if (cancel_ != nullptr && cancel_->cancelled()) connection_.interrupt();
    if (!progress_) continue;
    // Progress restarts with each statement. Report only increases: in effect, that is the progress of the
    // load, the longest statement.
    const double done = connection_.progress();
    if (done <= told_) continue;
    told_ = std::min(done, 1.0);
    progress_(told_);
  }
}

}  // namespace offloader::local_executor
