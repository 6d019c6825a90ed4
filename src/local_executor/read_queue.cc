#include "read_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace offloader::local_executor {

bool ReadQueue::make_place(std::uint64_t fairness, Lane lane, std::optional<Waiting>& displaced) {
  if (waiting(lane) < places_[static_cast<std::size_t>(lane)]) return true;
  const auto of_kind = [lane](const Waiting& waiting) { return lane_of(waiting.job) == lane; };
  const auto count = [&](const auto& waiting_class) {
    return static_cast<std::size_t>(std::ranges::count_if(waiting_class.second, of_kind));
  };
  const auto longest = std::ranges::max_element(classes_, {}, count);
  const auto own = classes_.find(fairness);
  const std::size_t place = own == classes_.end() ? 1 : count(*own) + 1;
  if (longest == classes_.end() || count(*longest) <= place) return false;
  auto& jobs = longest->second;
  const auto newest = std::find_if(jobs.rbegin(), jobs.rend(), of_kind);
  displaced = std::move(*newest);
  jobs.erase(std::next(newest).base());
  --waiting(lane);
  return true;
}

void ReadQueue::push(Waiting waiting) {
  const Lane lane = lane_of(waiting.job);
  classes_[waiting.job.fairness_class].push_back(std::move(waiting));
  ++this->waiting(lane);
}

std::optional<ReadQueue::Waiting> ReadQueue::take(
    const std::function<bool(const executor::Query&)>& may_run) {
  // Goes around the classes once, starting after the one served last.
  auto it = classes_.upper_bound(last_class_);
  for (std::size_t i = 0; i < classes_.size(); ++i, ++it) {
    if (it == classes_.end()) it = classes_.begin();
    const auto job =
        std::ranges::find_if(it->second, [&](const Waiting& waiting) { return may_run(waiting.job); });
    if (job == it->second.end()) continue;
    last_class_ = it->first;
    std::optional<Waiting> out(std::move(*job));
    it->second.erase(job);
    if (it->second.empty()) classes_.erase(it);
    --waiting(lane_of(out->job));
    return out;
  }
  return std::nullopt;
}

std::optional<ReadQueue::Waiting> ReadQueue::remove(std::uint64_t ticket) {
  for (auto it = classes_.begin(); it != classes_.end(); ++it) {
    const auto job = std::ranges::find(it->second, ticket, &Waiting::ticket);
    if (job == it->second.end()) continue;
    std::optional<Waiting> out(std::move(*job));
    it->second.erase(job);
    if (it->second.empty()) classes_.erase(it);
    --waiting(lane_of(out->job));
    return out;
  }
  return std::nullopt;
}

std::vector<ReadQueue::Waiting> ReadQueue::take_late(Clock::time_point now, Clock::time_point& next) {
  std::vector<Waiting> late;
  for (auto it = classes_.begin(); it != classes_.end();) {
    auto& jobs = it->second;
    while (!jobs.empty() && jobs.front().until <= now) {
      late.push_back(std::move(jobs.front()));
      jobs.pop_front();
      --waiting(lane_of(late.back().job));
    }
    if (!jobs.empty()) next = std::min(next, jobs.front().until);
    it = jobs.empty() ? classes_.erase(it) : std::next(it);
  }
  return late;
}

std::vector<ReadQueue::Waiting> ReadQueue::take_all() {
  std::vector<Waiting> all;
  for (auto& [fairness, jobs] : classes_) std::ranges::move(jobs, std::back_inserter(all));
  classes_.clear();
  waiting_ = {};
  return all;
}

}  // namespace offloader::local_executor
