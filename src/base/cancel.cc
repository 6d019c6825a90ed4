#include "offloader/base/cancel.h"

#include <utility>

namespace offloader {

void CancelFlag::cancel() {
  // The action runs under the mutex, so that on_cancel({}) returns only after it has finished.
  const MutexLock lock(action_mutex_);
  if (cancelled_.exchange(true, std::memory_order_acq_rel)) return;
  if (action_) std::exchange(action_, nullptr)();
}

void CancelFlag::on_cancel(std::function<void()> action) {
  const MutexLock lock(action_mutex_);
  if (cancelled_.load(std::memory_order_acquire)) {
    if (action) action();
    return;
  }
  action_ = std::move(action);
}

}  // namespace offloader
