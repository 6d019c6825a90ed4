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

// Queries that wait for a thread of the read pool: served round-robin over their fairness classes, and
// sharing the bounded places evenly, so that who floods the queue cannot keep others out. Those of remote
// snapshots have places of their own, so that a slow store fills those and no others. Its owner guards it.
class ReadQueue {
 public:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::uint64_t ticket = 0;
    executor::Query job;
    executor::AnsweredCallback callback;
    Clock::time_point until;
  };

  // How many may wait, of local snapshots and of remote ones.
  ReadQueue(std::size_t local, std::size_t remote) : places_{local, remote} {}

  // Whether there is a place for a query of this class: with all of them taken, the class that has the most
  // waiting gives one to a class that has fewer, and its newest query is put into `displaced`.
  [[nodiscard]] bool make_place(std::uint64_t fairness, bool remote, std::optional<Waiting>& displaced);
  // After make_place().
  void push(Waiting waiting);
  // The next query, of the class after the one that was served last.
  [[nodiscard]] std::optional<Waiting> take(bool remote_allowed);
  [[nodiscard]] std::optional<Waiting> remove(std::uint64_t ticket);
  // Those that have waited too long; `next` is lowered to when the next one will have.
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
