#pragma once

#include <cstdint>
#include <vector>

namespace offloader::load {

// Durations in nanoseconds, counted in buckets as HdrHistogram has them: exact below 2 µs, above it 1024
// buckets for each doubling, so that a percentile is never off by more than 0.1 %. Up to 18 minutes; what is
// longer counts there. 250 KiB, whatever it has seen; recording is a few instructions. One thread.
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
  // The least value that `percent` (0 to 100) of the recorded ones do not exceed; 0 when there are none.
  [[nodiscard]] std::uint64_t percentile(double percent) const;

 private:
  [[nodiscard]] static std::size_t bucket_of(std::uint64_t value);
  // The greatest value that falls into the bucket.
  [[nodiscard]] static std::uint64_t top_of(std::size_t bucket);

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t least_ = ~0ULL;
  std::uint64_t greatest_ = 0;
  double sum_ = 0;
};

}  // namespace offloader::load
