#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "offloader/base/byte_budget.h"

namespace offloader::serving {

// Bytes that enter and leave the memory for answers together. They are settled as one sum, because another
// answer could take the room between giving back and taking. The destructor settles what try_settle() has
// not. Requires: the texts outlive it, and all have the same budget. Used by one thread.
class Transfer {
 public:
  Transfer() = default;
  ~Transfer() { settle(); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void enter(const std::shared_ptr<ByteBudget>& budget, std::size_t bytes) {
    budget_ = budget;
    entering_ += bytes;
  }
  void leave(const std::shared_ptr<ByteBudget>& budget, std::size_t bytes) {
    budget_ = budget;
    leaving_ += bytes;
  }

  // Returns false and settles nothing if the sum does not fit.
  [[nodiscard]] bool try_settle() {
    if (entering_ > leaving_) {
      // The texts exist already, so they may use the whole budget, as small ones may.
      if (!budget_->try_take(entering_ - leaving_, 0)) return false;
      entering_ = leaving_;
    }
    settle();
    return true;
  }

 private:
  // Takes past the limit if necessary.
  void settle() {
    if (entering_ > leaving_) budget_->take(entering_ - leaving_);
    if (leaving_ > entering_) budget_->give_back(leaving_ - entering_);
    entering_ = leaving_ = 0;
  }

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

  // Each does nothing if the text is already counted, or not counted.
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
