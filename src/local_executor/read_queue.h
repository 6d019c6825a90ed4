#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "offloader/executor/query.h"

namespace offloader::local_executor {

// The queries that wait for a thread of the read pool. Bounded. Fairness classes take turns and share the
// places evenly, so that a class that floods the queue cannot keep others out. Queries of remote snapshots
// have separate places, so that a slow store cannot take the places of local ones. Owned by ReadPool, whose
// lock guards it. Never calls a callback.
class ReadQueue {
 public:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::uint64_t ticket = 0;
    executor::Query job;
    executor::AnsweredCallback callback;
    Clock::time_point until;
  };

  // The maximum numbers of waiting queries of local and of remote snapshots.
  ReadQueue(std::size_t local, std::size_t remote) : places_{local, remote} {}

  // Returns whether a query of this class may be pushed. If all places are taken, the class with the most
  // waiting queries gives one up to a class that would still have fewer: its newest query is moved to
  // `displaced`, which the caller must answer.
  [[nodiscard]] bool make_place(std::uint64_t fairness, bool remote, std::optional<Waiting>& displaced);
  // Requires: make_place() returned true for it.
  void push(Waiting waiting);
  // Removes and returns the next query: the oldest of the class whose turn it is. nullopt if there is none.
  [[nodiscard]] std::optional<Waiting> take(bool remote_allowed);
  [[nodiscard]] std::optional<Waiting> remove(std::uint64_t ticket);
  // Removes and returns the queries that have waited too long. Lowers `next` to the time at which the next
  // one will have.
  [[nodiscard]] std::vector<Waiting> take_late(Clock::time_point now, Clock::time_point& next);
  [[nodiscard]] std::vector<Waiting> take_all();
  [[nodiscard]] std::size_t size() const { return waiting_[0] + waiting_[1]; }

 private:
  std::array<std::size_t, 2> places_;     // local, remote
  std::array<std::size_t, 2> waiting_{};  // in all classes
  std::map<std::uint64_t, std::deque<Waiting>> classes_;
  std::uint64_t last_class_ = 0;
};

}  // namespace offloader::local_executor
