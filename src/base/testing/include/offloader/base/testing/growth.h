#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <limits>
#include <string>

namespace offloader {

// The CPU seconds that this thread takes for the work, so that other threads' work does not count.
template <typename Work>
double cpu_seconds(Work&& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const double begin = now();
  work();
  return now() - begin;
}

// Returns an empty text if work takes time about in proportion to its size, else the times that were
// measured. `seconds_of(size)` does work of that size and returns its CPU seconds; it is called for `size`
// and for `times` that, in turns. Caches and other load can slow one of the two several times, but not in
// each round, so the least times of at least three rounds are compared. Their ratio may be times^1.4:
// quadratic time has times^2. Work of less than 20 ms is too short to compare and passes, so `size` must be
// large enough for quadratic time to take longer.
template <typename SecondsOf>
std::string growth_beyond_linear(std::size_t size, SecondsOf&& seconds_of, std::size_t times = 4) {
  constexpr int kLeastRounds = 3;
  constexpr int kMostRounds = 20;
  constexpr double kTooShort = 0.02;
  const double bound = std::pow(static_cast<double>(times), 1.4);
  double small = std::numeric_limits<double>::infinity();
  double large = small;
  for (int round = 1; round <= kMostRounds; ++round) {
    small = std::min(small, seconds_of(size));
    large = std::min(large, seconds_of(size * times));
    if (large < kTooShort) return {};
    if (round >= kLeastRounds && large < bound * small) return {};
  }
  return std::to_string(small) + " s for " + std::to_string(size) + " and " + std::to_string(large) +
         " s for " + std::to_string(times) + " times that";
}

}  // namespace offloader
