#include "offloader/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace offloader::load {
namespace {

constexpr int kExactBits = 11;  // values below 2^11 have a bucket each
constexpr std::uint64_t kExact = 1ULL << kExactBits;
constexpr std::uint64_t kHalf = kExact / 2;
constexpr int kMostBits = 40;
constexpr std::uint64_t kMost = (1ULL << kMostBits) - 1;

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(kExact + (kMostBits - kExactBits) * kHalf, 0) {}

std::size_t LatencyHistogram::bucket_of(std::uint64_t value) {
  if (value < kExact) return value;
  const int shift = static_cast<int>(std::bit_width(value)) - kExactBits;
  return kExact + static_cast<std::size_t>(shift - 1) * kHalf + ((value >> shift) - kHalf);
}

std::uint64_t LatencyHistogram::top_of(std::size_t bucket) {
  if (bucket < kExact) return bucket;
  const std::uint64_t shift = (bucket - kExact) / kHalf + 1;
  const std::uint64_t mantissa = (bucket - kExact) % kHalf + kHalf;
  return ((mantissa + 1) << shift) - 1;
}

void LatencyHistogram::record(std::uint64_t nanoseconds) {
  const std::uint64_t value = std::min(nanoseconds, kMost);
  ++buckets_[bucket_of(value)];
  ++count_;
  least_ = std::min(least_, value);
  greatest_ = std::max(greatest_, value);
  sum_ += static_cast<double>(value);
}

void LatencyHistogram::add(const LatencyHistogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  least_ = std::min(least_, other.least_);
  greatest_ = std::max(greatest_, other.greatest_);
  sum_ += other.sum_;
}

void LatencyHistogram::clear() {
  if (count_ != 0) std::fill(buckets_.begin(), buckets_.end(), 0);
  count_ = 0;
  least_ = ~0ULL;
  greatest_ = 0;
  sum_ = 0;
}

double LatencyHistogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::uint64_t LatencyHistogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  const double share = std::clamp(percent, 0.0, 100.0) / 100;
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted) return std::min(top_of(bucket), greatest_);
  }
  return greatest_;
}

}  // namespace offloader::load
