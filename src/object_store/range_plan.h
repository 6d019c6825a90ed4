#pragma once

#include <vector>

#include "offloader/base/result.h"
#include "offloader/object_store/object_store.h"
#include "offloader/transport/transport.h"

namespace offloader::object_store {

// The range of one request and where its bytes go.
struct PlannedRange {
  ByteRange range;
  std::vector<transport::BodySegment> segments;
};

// Ranges at most this many bytes apart share one request: a round trip costs more than the bytes between
// them.
inline constexpr std::uint64_t kMergeGap = 128 * 1024;
// The default limit of one request, so that large reads run in parallel.
inline constexpr std::uint64_t kMergeLimit = 8 << 20;

// Splits and merges reads into requests of at most `limit` bytes, sorted by offset. Empty reads are dropped;
// overlapping reads get separate requests. Requires: `limit` is at least 1. Errors: unavailable if a read
// ends past the largest offset there is, which no object reaches.
[[nodiscard]] Result<std::vector<PlannedRange>> plan_ranges(const std::vector<ObjectStore::RangeRead>& reads,
                                                            std::uint64_t limit = kMergeLimit);

}  // namespace offloader::object_store
