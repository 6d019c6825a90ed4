#pragma once

#include <set>
#include <string>

#include "offloader/base/mutex.h"

namespace offloader::refresh {

// Serializes the builds that may have ended the process before, so that the next death identifies its cause.
// Owned by the refresher. Any thread may call it.
class SuspectTurn {
 public:
  // Takes the turn. Returns false when another dataset has it. With `forced` (a person requested the build)
  // it always succeeds, beside the other holders.
  [[nodiscard]] bool take(const std::string& dataset, bool forced) {
    const MutexLock lock(suspect_mutex_);
    const bool others = suspects_.size() > suspects_.count(dataset);
    if (others && !forced) return false;
    suspects_.insert(dataset);
    return true;
  }
  // Does nothing if the dataset does not have the turn.
  void leave(const std::string& dataset) noexcept {
    const MutexLock lock(suspect_mutex_);
    suspects_.erase(dataset);
  }

 private:
  Mutex suspect_mutex_;
  std::set<std::string> suspects_ OFFLOADER_GUARDED_BY(suspect_mutex_);  // the datasets that have the turn
};

}  // namespace offloader::refresh
