#pragma once

#include <vector>

#include "offloader/object_store/object_store.h"
#include "offloader/transport/transport.h"

namespace offloader::object_store {

// One request's range and where its bytes go.
struct PlannedRange {
  ByteRange range;
  std::vector<transport::BodySegment> segments;
};

// Neighbours at most this far apart become one request: a round trip costs more than so many bytes.
inline constexpr std::uint64_t kMergeGap = 128 * 1024;
// No request is longer than this unless the caller says so, so that large reads are parallel ones.
inline constexpr std::uint64_t kMergeLimit = 8 << 20;

// Merged, split and sorted, so that no request is longer than `limit` (of at least 1); empty reads are
// dropped. Overlapping reads become requests of their own. Reads beyond the end of 64 bits are the caller's
// mistake and come back as nothing.
[[nodiscard]] std::vector<PlannedRange> plan_ranges(const std::vector<ObjectStore::RangeRead>& reads,
                                                    std::uint64_t limit = kMergeLimit);

}  // namespace offloader::object_store
