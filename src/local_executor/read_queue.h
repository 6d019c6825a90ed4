#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <vector>

#include "offloader/executor/query.h"

namespace offloader::local_executor {

// Queries that have separate places, so that those of one lane cannot take the places of another: of remote
// snapshots, whose store may be slow, and streams, which run for long.
enum class Lane : std::uint8_t { local, remote, stream };
inline constexpr std::size_t kLanes = 3;

[[nodiscard]] inline Lane lane_of(const executor::Query& query) {
  if (query.stream) return Lane::stream;
  return query.snapshot->remote() ? Lane::remote : Lane::local;
}

// The queries that wait for a thread of the read pool. Bounded. Fairness classes take turns and share the
// places of a lane evenly, so that a class that floods the queue cannot keep others out. Owned by ReadPool,
// whose lock guards it. Never calls a callback.
class ReadQueue {
 public:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::uint64_t ticket = 0;
    executor::Query job;
    executor::AnsweredCallback callback;
    Clock::time_point until;
  };

  // The maximum number of waiting queries in each lane.
  explicit ReadQueue(const std::array<std::size_t, kLanes>& places) : places_(places) {}

  // Returns whether a query of this class may be pushed. If all places are taken, the class with the most
  // waiting queries gives one up to a class that would still have fewer: its newest query is moved to
  // `displaced`, which the caller must answer.
  [[nodiscard]] bool make_place(std::uint64_t fairness, Lane lane, std::optional<Waiting>& displaced);
  // Requires: make_place() returned true for it.
  void push(Waiting waiting);
  // Removes and returns the next query: the oldest that may run of the class whose turn it is. nullopt if
  // there is none.
  [[nodiscard]] std::optional<Waiting> take(const std::function<bool(const executor::Query&)>& may_run);
  [[nodiscard]] std::optional<Waiting> remove(std::uint64_t ticket);
  // Removes and returns the queries that have waited too long. Lowers `next` to the time at which the next
  // one will have.
  [[nodiscard]] std::vector<Waiting> take_late(Clock::time_point now, Clock::time_point& next);
  [[nodiscard]] std::vector<Waiting> take_all();
  [[nodiscard]] std::size_t size(Lane lane) const { return waiting_[static_cast<std::size_t>(lane)]; }
  [[nodiscard]] std::size_t size() const {
    return std::accumulate(waiting_.begin(), waiting_.end(), std::size_t{0});
  }

 private:
  [[nodiscard]] std::size_t& waiting(Lane lane) { return waiting_[static_cast<std::size_t>(lane)]; }

  std::array<std::size_t, kLanes> places_;
  std::array<std::size_t, kLanes> waiting_{};  // in all classes
  std::map<std::uint64_t, std::deque<Waiting>> classes_;
  std::uint64_t last_class_ = 0;
};

}  // namespace offloader::local_executor
