#include "recent.h"

#include "offloader/usage/ledger.h"

namespace offloader::usage {

void add_to(Lines& lines, const PlaceView& place, const Counts& counts, std::size_t most) {
  if (const auto found = lines.find(place); found != lines.end()) {
    found->second += counts;
    return;
  }
  if (lines.size() < most) {
    lines.emplace(Place{std::string(place.key), std::string(place.tenant), std::string(place.endpoint)},
                  counts);
  } else {
    lines[Place{std::string(Ledger::kOther), {}, std::string(place.endpoint)}] += counts;
  }
}

bool Recent::take_room(std::size_t bytes) {
  if (lines_.load(std::memory_order_relaxed) >= most_) return false;
  if (bytes_.load(std::memory_order_relaxed) + bytes > kMostBytes) return false;
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return lines_.fetch_add(1, std::memory_order_relaxed) < most_;
}

void Recent::add(Hour hour, const PlaceView& place, const Counts& counts) {
  Shard& shard = shards_[(PlaceHash{}(place) >> 20) % kShards];
  const MutexLock lock(shard.lines_mutex);
  Lines& lines = shard.hours[hour];
  if (const auto found = lines.find(place); found != lines.end()) {
    found->second += counts;
    return;
  }
  const bool room = take_room(place.key.size() + place.tenant.size() + place.endpoint.size());
  add_to(lines, place, counts, room ? lines.size() + 1 : 0);
}

Hours Recent::take() {
  Hours all;
  for (Shard& shard : shards_) {
    Hours taken;
    {
      const MutexLock lock(shard.lines_mutex);
      taken.swap(shard.hours);
    }
    for (auto& [hour, lines] : taken) {
      Lines& to = all[hour];
      if (to.empty()) {
        to = std::move(lines);
      } else {
        for (const auto& [place, counts] : lines) to[place] += counts;
      }
    }
  }
  lines_.store(0, std::memory_order_relaxed);
  bytes_.store(0, std::memory_order_relaxed);
  return all;
}

}  // namespace offloader::usage
