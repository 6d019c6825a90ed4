#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace offloader::app {

// Polls `condition` until it holds. Returns false once `bound` has passed.
inline bool await(const std::function<bool()>& condition,
                  std::chrono::minutes bound = std::chrono::minutes(3)) {
  const auto until = std::chrono::steady_clock::now() + bound;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace offloader::app
