#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "offloader/base/byte_budget.h"

namespace offloader::serving {

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

  // Both do nothing when it is so already.
  void count() const {
    if (!counted_.exchange(true) && budget_) budget_->take(text_.size());
  }
  void uncount() const {
    if (counted_.exchange(false) && budget_) budget_->give_back(text_.size());
  }

 private:
  const std::string text_;
  std::shared_ptr<ByteBudget> budget_;
  mutable std::atomic<bool> counted_{true};
};

}  // namespace offloader::serving
