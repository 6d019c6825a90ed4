#include "offloader/duckdb/thread_budget.h"

#include <algorithm>

namespace offloader::duckdb {

std::size_t ThreadBudget::take(std::size_t wanted) {
  const MutexLock lock(left_mutex_);
  const std::size_t taken = std::min(wanted, left_ / 2);
  left_ -= taken;
  return taken;
}

void ThreadBudget::give_back(std::size_t threads) {
  const MutexLock lock(left_mutex_);
  left_ += threads;
}

}  // namespace offloader::duckdb
