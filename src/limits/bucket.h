#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace offloader::limits {

// Nanoseconds of the steady clock.
using Nanos = std::int64_t;

// What is known of one caller. The tokens are kept as the time at which the bucket is full again (the
// "theoretical arrival time" of GCRA), so that no timer has to fill it: a token taken moves that time by
// `interval`, and a bucket that would be full only after `depth` has no token. Guarded by the lock of its
// shard.
struct Bucket {
  Nanos full_at = 0;
  Nanos interval = 0;    // for one token; 0: no rate yet
  Nanos depth = 0;       // of all tokens
  Nanos keep_until = 0;  // forgetting the bucket would be noticed until then
  std::int64_t running = 0;
  std::int64_t pins = 0;  // admissions that point here
  std::chrono::sys_days day{};
  std::int64_t requests = 0;  // of that day; likewise rows
  std::int64_t rows = 0;

  // Changes the rate. The caller keeps as many of its tokens as fit. A bucket that has had no rate is full.
  void set_rate(Nanos new_interval, Nanos new_depth, Nanos now) {
    if (interval == new_interval && depth == new_depth) return;
    const Nanos missing = full_at > now ? full_at - now : 0;
    const std::int64_t tokens = interval == 0 ? std::numeric_limits<std::int64_t>::max()
                                              : (depth > missing ? (depth - missing) / interval : 0);
    const std::int64_t most = new_depth / new_interval;
    full_at = tokens >= most ? now : now + (most - tokens) * new_interval;
    interval = new_interval;
    depth = new_depth;
  }

  // When the bucket will be full if a token is taken now.
  [[nodiscard]] Nanos full_after_one(Nanos now) const { return (full_at > now ? full_at : now) + interval; }
  // How long until a token is there; 0 or less: one is.
  [[nodiscard]] Nanos wait(Nanos now) const { return full_after_one(now) - now - depth; }
  [[nodiscard]] std::int64_t tokens(Nanos now) const {
    const Nanos missing = full_at > now ? full_at - now : 0;
    return depth > missing ? (depth - missing) / interval : 0;
  }

  // Begins a day's counters if it is another day than that of the last request. A day too early is not one:
  // another thread may have read the clock just before midnight, or the clock was set back a little.
  void turn_to(std::chrono::sys_days today) {
    if (day == today || day == today + std::chrono::days{1}) return;
    day = today;
    requests = rows = 0;
  }
};

}  // namespace offloader::limits
