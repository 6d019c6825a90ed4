#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "offloader/base/byte_budget.h"

namespace offloader::serving {

// Bytes that enter and leave the memory for answers at the same time, settled as one sum: were they given
// back first and taken afterwards, another answer could take the room in between. What they are of must live
// until then. One thread.
class Transfer {
 public:
  Transfer() = default;
  ~Transfer() { settle(); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // All of one budget.
  void enter(const std::shared_ptr<ByteBudget>& budget, std::size_t bytes) {
    budget_ = budget;
    entering_ += bytes;
  }
  void leave(const std::shared_ptr<ByteBudget>& budget, std::size_t bytes) {
    budget_ = budget;
    leaving_ += bytes;
  }

  // Past the limit if need be.
  void settle() {
    if (entering_ > leaving_) budget_->take(entering_ - leaving_);
    if (leaving_ > entering_) budget_->give_back(leaving_ - entering_);
    entering_ = leaving_ = 0;
  }
  // False, with nothing settled, where it does not fit.
  [[nodiscard]] bool try_settle() {
    if (entering_ > leaving_) {
      if (!budget_->try_take(entering_ - leaving_, 0)) return false;
      entering_ = leaving_ = 0;
    }
    settle();
    return true;
  }

 private:
  std::shared_ptr<ByteBudget> budget_;
  std::size_t entering_ = 0;
  std::size_t leaving_ = 0;
};

// Text that lives for as long as somebody holds it, and counts in the memory for answers while the response
// cache does not count it: made for one request, or evicted while clients still read it. Its bytes
// count, not the room behind them, which was never touched and so takes no memory. Any thread.
class CountedText {
 public:
  // Counted from now on, in the budget of `room`, if it has one.
  CountedText(std::string text, ByteHold room) : text_(std::move(text)) {
    room.resize(text_.size());
    budget_ = std::move(room).release();
  }
  ~CountedText() { uncount(); }
  CountedText(const CountedText&) = delete;
  CountedText& operator=(const CountedText&) = delete;

  [[nodiscard]] const std::string& text() const { return text_; }

  // All do nothing when it is so already.
  void count(Transfer& transfer) const {
    if (!counted_.exchange(true) && budget_) transfer.enter(budget_, text_.size());
  }
  void uncount() const {
    if (counted_.exchange(false) && budget_) budget_->give_back(text_.size());
  }
  void uncount(Transfer& transfer) const {
    if (counted_.exchange(false) && budget_) transfer.leave(budget_, text_.size());
  }

 private:
  const std::string text_;
  std::shared_ptr<ByteBudget> budget_;
  mutable std::atomic<bool> counted_{true};
};

}  // namespace offloader::serving
