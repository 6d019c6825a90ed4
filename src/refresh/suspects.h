#pragma once

#include <string>

#include "offloader/base/mutex.h"

namespace offloader::refresh {

// Of the builds that may have ended the process before, one runs at a time, so that the next death tells
// which one it was. Any thread.
class SuspectTurn {
 public:
  // Whether the dataset may build now. `forced`: a person asked for it, so it may beside another.
  [[nodiscard]] bool take(const std::string& dataset, bool forced) {
    const MutexLock lock(suspect_mutex_);
    if (!forced && !suspect_.empty() && suspect_ != dataset) return false;
    suspect_ = dataset;
    return true;
  }
  // Does nothing for a dataset that does not have the turn.
  void leave(const std::string& dataset) noexcept {
    const MutexLock lock(suspect_mutex_);
    if (suspect_ == dataset) suspect_.clear();
  }

 private:
  Mutex suspect_mutex_;
  std::string suspect_ OFFLOADER_GUARDED_BY(suspect_mutex_);  // empty: none builds
};

}  // namespace offloader::refresh
