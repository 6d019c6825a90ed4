#pragma once

#include <cstddef>

#include "offloader/base/mutex.h"

namespace offloader::duckdb {

// A number of threads shared by many users. It limits the threads of the process, whatever the number of
// datasets. Thread-safe; outlives its loans.
class ThreadBudget {
 public:
  explicit ThreadBudget(std::size_t threads) : left_(threads) {}

  // Borrows up to `wanted` threads, but at most half of those left, until it is destroyed. The loan may be of
  // none, and always is if `budget` is null.
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
