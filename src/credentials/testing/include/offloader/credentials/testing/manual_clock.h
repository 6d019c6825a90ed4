#pragma once

#include <mutex>

#include "offloader/base/clock.h"

namespace offloader::credentials::testing {

// A wall clock that the test advances; the steady clock is the real one. Any thread.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] SystemTime now() const override {
    const std::lock_guard lock(now_mutex_);
    return now_;
  }
  [[nodiscard]] SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
  void advance(std::chrono::milliseconds by) {
    const std::lock_guard lock(now_mutex_);
    now_ += by;
  }

 private:
  mutable std::mutex now_mutex_;
  SystemTime now_ = real_clock().now();
};

}  // namespace offloader::credentials::testing
