#include "ring.h"

#include <algorithm>
#include <limits>

#include "chain.h"

namespace offloader::audit {

void Ring::add(std::uint64_t seq, std::string_view line) {
  const MutexLock lock(lines_mutex_);
  if (seq != newest_ + 1) {
    lines_.clear();
    bytes_ = 0;
  }
  lines_.emplace_back(line);
  newest_ = seq;
  bytes_ += line.size();
  while (lines_.size() > kMostLines || (bytes_ > kMostBytes && lines_.size() > 1)) {
    bytes_ -= lines_.front().size();
    lines_.pop_front();
  }
}

std::uint64_t Ring::newest() const {
  const MutexLock lock(lines_mutex_);
  return newest_;
}

std::uint64_t Ring::read(const PageQuery& query, Page& page) const {
  const std::uint64_t before = query.before == 0 ? std::numeric_limits<std::uint64_t>::max() : query.before;
  const MutexLock lock(lines_mutex_);
  std::uint64_t seq = newest_;
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line, --seq) {
    if (seq >= before || (!query.event.empty() && member_of(*line, "event") != query.event)) continue;
    page.lines.push_back(*line);
    if (page.lines.size() < query.limit) continue;
    page.next_before = seq > 1 ? seq : 0;
    return 0;
  }
  const std::uint64_t rest = lines_.empty() ? before : std::min(before, seq + 1);
  return rest > 1 ? rest : 0;
}

}  // namespace offloader::audit
