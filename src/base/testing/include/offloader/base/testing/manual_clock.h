#pragma once

#include <atomic>
#include <chrono>

#include "offloader/base/clock.h"

namespace offloader {

// A clock that the test sets. It begins at 2026-01-31T12:00:00Z. Any thread.
class ManualClock final : public Clock {
 public:
  SystemTime now() const override {
    return std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + std::chrono::hours(12) +
           std::chrono::floor<std::chrono::microseconds>(passed_.load());
  }
  SteadyTime steady_now() const override { return SteadyTime{std::chrono::hours(1)} + passed_.load(); }
  void advance(std::chrono::nanoseconds by) { passed_ = passed_.load() + by; }

 private:
  std::atomic<std::chrono::nanoseconds> passed_{std::chrono::nanoseconds(0)};
};

}  // namespace offloader
