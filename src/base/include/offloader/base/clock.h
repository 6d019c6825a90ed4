#pragma once

#include <chrono>
#include <cstdint>

namespace offloader {

using SystemTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

// The source of time, passed in so that tests can control it. Implementations are safe to call from any
// thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SystemTime now() const = 0;
  [[nodiscard]] virtual SteadyTime steady_now() const = 0;
};

// The machine's clock. It lives as long as the process.
[[nodiscard]] const Clock& real_clock();

}  // namespace offloader
