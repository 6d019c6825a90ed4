#include "offloader/base/byte_budget.h"

namespace offloader {

bool ByteBudget::try_take(std::size_t bytes, std::size_t total) {
  const std::size_t most = total <= kSmall ? limit_ : limit_ - limit_ / 8;
  std::size_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > most || used > most - bytes) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

bool ByteHold::try_resize(std::size_t bytes) {
  if (budget_ && bytes > bytes_) {
    if (!budget_->try_take(bytes - bytes_, bytes)) return false;
    bytes_ = bytes;
    return true;
  }
  resize(bytes);
  return true;
}

void ByteHold::resize(std::size_t bytes) {
  if (budget_) {
    if (bytes > bytes_) {
      budget_->take(bytes - bytes_);
    } else if (bytes < bytes_) {
      budget_->give_back(bytes_ - bytes);
    }
  }
  bytes_ = bytes;
}

}  // namespace offloader
