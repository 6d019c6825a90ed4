#pragma once

#include <string>

#include "offloader/base/mutex.h"

namespace offloader::refresh {

// Serializes the builds that may have ended the process before, so that the next death identifies its cause.
// Owned by the refresher. Any thread may call it.
class SuspectTurn {
 public:
  // Takes the turn. Returns false when another dataset has it. With `forced` (a person requested the build)
  // it always succeeds, and replaces the other holder.
  [[nodiscard]] bool take(const std::string& dataset, bool forced) {
    const MutexLock lock(suspect_mutex_);
    if (!forced && !suspect_.empty() && suspect_ != dataset) return false;
    suspect_ = dataset;
    return true;
  }
  // Does nothing if the dataset does not have the turn.
  void leave(const std::string& dataset) noexcept {
    const MutexLock lock(suspect_mutex_);
    if (suspect_ == dataset) suspect_.clear();
  }

 private:
  Mutex suspect_mutex_;
  std::string suspect_ OFFLOADER_GUARDED_BY(suspect_mutex_);  // holder of the turn; empty: none
};

}  // namespace offloader::refresh
