#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <map>

#include "line.h"
#include "offloader/base/mutex.h"

namespace offloader::usage {

using Hours = std::map<Hour, Lines>;

// Adds counts to a line. If the hour has no such line and already `most` lines, adds them to the line of the
// endpoint under Ledger::kOther instead, so that the sums stay right.
void add_to(Lines& lines, const PlaceView& place, const Counts& counts, std::size_t most);

// What has been recorded since it was last taken. Spread over shards with a lock each, so that threads that
// record seldom meet. Bounded: at most `most` lines, in at most kMostBytes of names, besides one for each
// endpoint. Thread-safe.
class Recent {
 public:
  static constexpr std::size_t kMostBytes = 32U << 20;

  explicit Recent(std::size_t most) : most_(most) {}

  void add(Hour hour, const PlaceView& place, const Counts& counts);
  // Removes and returns everything.
  [[nodiscard]] Hours take();

 private:
  static constexpr std::size_t kShards = 32;
  struct alignas(64) Shard {
    Mutex lines_mutex;
    Hours hours OFFLOADER_GUARDED_BY(lines_mutex);
  };

  // Counts a new line. Returns false if there is no room for it.
  [[nodiscard]] bool take_room(std::size_t bytes);

  const std::size_t most_;
  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> lines_{0};
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace offloader::usage
