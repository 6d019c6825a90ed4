#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "offloader/base/byte_budget.h"

namespace offloader::serving {

// Bytes that enter and leave the memory for answers together, settled as one difference. If they were
// released first and taken afterwards, another answer could take the room in between. The destructor settles
// what try_settle() has not, exceeding the limit if necessary. The texts must outlive it. Not thread-safe.
class Transfer {
 public:
  Transfer() = default;
  ~Transfer() { settle(); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Requires: all calls name the same budget.
  void enter(const std::shared_ptr<ByteBudget>& budget, std::size_t bytes) {
    budget_ = budget;
    entering_ += bytes;
  }
  void leave(const std::shared_ptr<ByteBudget>& budget, std::size_t bytes) {
    budget_ = budget;
    leaving_ += bytes;
  }

  // Settles the difference if it fits. Otherwise returns false and settles nothing.
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
  void settle() {
    if (entering_ > leaving_) budget_->take(entering_ - leaving_);
    if (leaving_ > entering_) budget_->give_back(leaving_ - entering_);
    entering_ = leaving_ = 0;
  }

  std::shared_ptr<ByteBudget> budget_;
  std::size_t entering_ = 0;
  std::size_t leaving_ = 0;
};

// A text that lives as long as someone holds it. It counts in the memory for answers while the response cache
// does not count it: because it was made for one request, or because it was evicted while clients still read
// it. Only its bytes count; unused capacity was never written and so takes no memory. Thread-safe.
class CountedText {
 public:
  // Counts the text from now on in the budget of `room`, if it has one.
  CountedText(std::string text, ByteHold room) : text_(std::move(text)) {
    room.resize(text_.size());
    budget_ = std::move(room).release();
  }
  ~CountedText() {
    if (counted_.load() && budget_) budget_->give_back(text_.size());
  }
  CountedText(const CountedText&) = delete;
  CountedText& operator=(const CountedText&) = delete;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool is_counted() const { return counted_.load(std::memory_order_relaxed); }

  // These do nothing if the text is already in the requested state.
  void count(Transfer& transfer) const {
    if (!counted_.exchange(true) && budget_) transfer.enter(budget_, text_.size());
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
