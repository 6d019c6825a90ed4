#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace offloader {

// A bound on the bytes that many holders have in memory together. It counts; it allocates nothing. Shared by
// its holders, so that bytes may outlive whoever made the budget. Any thread.
class ByteBudget : public std::enable_shared_from_this<ByteBudget> {
 public:
  // What one holder may have and still be served when others have filled all but an eighth of the budget: a
  // few clients with large answers must not keep small ones out.
  static constexpr std::size_t kSmall = 64U << 10;

  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // Takes `bytes` more for a holder that will then have `total`. False, with nothing taken, when they do not
  // fit.
  [[nodiscard]] bool try_take(std::size_t bytes, std::size_t total);
  // Takes bytes that exist already, past the limit if need be: what comes next is refused.
  void take(std::size_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  [[nodiscard]] std::size_t limit() const { return limit_; }
  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  // Whether nothing more is given, however small.
  [[nodiscard]] bool full() const { return used() >= limit_; }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

// Bytes of a budget, given back when it goes. Without a budget everything fits. Movable; one thread at a
// time.
class ByteHold {
 public:
  ByteHold() = default;
  explicit ByteHold(std::shared_ptr<ByteBudget> budget) : budget_(std::move(budget)) {}
  ByteHold(ByteHold&& other) noexcept
      : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  ByteHold& operator=(ByteHold&& other) noexcept {
    if (this != &other) {
      resize(0);
      budget_ = std::move(other.budget_);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  ~ByteHold() { resize(0); }

  // Holds `bytes` from now on, if they fit; else what it held before.
  [[nodiscard]] bool try_resize(std::size_t bytes);
  // The same for bytes that exist already.
  void resize(std::size_t bytes);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // Holds no longer: the caller gives bytes() back to the budget, which may be null.
  [[nodiscard]] std::shared_ptr<ByteBudget> release() && {
    bytes_ = 0;
    return std::move(budget_);
  }

 private:
  std::shared_ptr<ByteBudget> budget_;
  std::size_t bytes_ = 0;
};

}  // namespace offloader
