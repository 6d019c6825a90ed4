#include "offloader/telemetry/telemetry.h"

namespace offloader::telemetry {

void Histogram::observe(double seconds) {
  std::size_t bucket = 0;
  while (bucket < kBuckets - 1 && seconds > kBounds[bucket]) ++bucket;
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  nanoseconds_.fetch_add(static_cast<std::uint64_t>(seconds > 0 ? seconds * 1e9 : 0),
                         std::memory_order_relaxed);
}

double Histogram::sum() const {
  return static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
}

}  // namespace offloader::telemetry
