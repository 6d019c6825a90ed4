#pragma once

#include <cstdint>
#include <vector>

namespace offloader::load {

// Counts durations, in nanoseconds, in buckets like those of HdrHistogram: exact up to 2 µs, then 1024
// buckets for each doubling, so a percentile is off by at most 0.1 %. Durations over 18 minutes (2^40 ns)
// count as that long. It always takes about 250 KiB, and recording takes a few instructions. Not thread-safe.
class LatencyHistogram {
 public:
  LatencyHistogram();

  void record(std::uint64_t nanoseconds);
  void add(const LatencyHistogram& other);
  void clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t least() const { return count_ == 0 ? 0 : least_; }
  [[nodiscard]] std::uint64_t greatest() const { return greatest_; }
  [[nodiscard]] double mean() const;
  // The smallest value that at least `percent` (0 to 100) of the recorded values do not exceed, within 0.1 %;
  // 0 when nothing is recorded.
  [[nodiscard]] std::uint64_t percentile(double percent) const;

 private:
  [[nodiscard]] static std::size_t bucket_of(std::uint64_t value);
  // The largest value of the bucket.
  [[nodiscard]] static std::uint64_t top_of(std::size_t bucket);

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t least_ = ~0ULL;
  std::uint64_t greatest_ = 0;
  double sum_ = 0;
};

}  // namespace offloader::load
