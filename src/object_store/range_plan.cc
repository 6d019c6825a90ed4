#include "range_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace offloader::object_store {

Result<std::vector<PlannedRange>> plan_ranges(const std::vector<ObjectStore::RangeRead>& reads,
                                              std::uint64_t limit) {
  std::vector<ObjectStore::RangeRead> sorted;
  for (const auto& read : reads) {
    if (read.range.length > std::numeric_limits<std::uint64_t>::max() - read.range.offset) {
      return fail(ErrorCode::unavailable, "the object is shorter than the requested range",
                  fmt::format("{} bytes at offset {}", read.range.length, read.range.offset));
    }
    for (std::uint64_t done = 0; done < read.range.length;) {
      const std::uint64_t length = std::min(limit, read.range.length - done);
      sorted.push_back({{read.range.offset + done, length}, read.buffer + done});
      done += length;
    }
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.range.offset < b.range.offset; });
  std::vector<PlannedRange> plan;
  for (const auto& read : sorted) {
    const std::uint64_t end = read.range.offset + read.range.length;
    if (!plan.empty()) {
      ByteRange& last = plan.back().range;
      const std::uint64_t last_end = last.offset + last.length;
      if (read.range.offset >= last_end && read.range.offset - last_end <= kMergeGap &&
          end - last.offset <= limit) {
        plan.back().segments.push_back({read.range.offset - last.offset, read.range.length, read.buffer});
        last.length = end - last.offset;
        continue;
      }
    }
    plan.push_back({read.range, {{0, read.range.length, read.buffer}}});
  }
  return plan;
}

}  // namespace offloader::object_store
