#pragma once

#include <cstddef>

#include "offloader/base/mutex.h"

namespace offloader::duckdb {

// Threads that many users share: each takes what it wants while there is enough, then less, down to none. So
// the process has at most so many of them, whatever the number of datasets. Any thread; outlives its loans.
class ThreadBudget {
 public:
  explicit ThreadBudget(std::size_t threads) : left_(threads) {}

  // Holds up to `wanted` threads of a budget, at most half of what is left, until it is destroyed; none
  // without a budget.
  class Loan {
   public:
    Loan(ThreadBudget* budget, std::size_t wanted)
        : budget_(budget), threads_(budget == nullptr ? 0 : budget->take(wanted)) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() {
      if (budget_ != nullptr) budget_->give_back(threads_);
    }
    [[nodiscard]] std::size_t threads() const { return threads_; }

   private:
    ThreadBudget* budget_;
    std::size_t threads_;
  };

 private:
  [[nodiscard]] std::size_t take(std::size_t wanted);
  void give_back(std::size_t threads);

  Mutex left_mutex_;
  std::size_t left_ OFFLOADER_GUARDED_BY(left_mutex_);
};

}  // namespace offloader::duckdb
