#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace offloader {

// A limit on the total bytes that many holders keep in memory. It only counts; it allocates nothing. Its
// holders share ownership, so held bytes may outlive the object that created the budget. Any thread may call
// it.
class ByteBudget : public std::enable_shared_from_this<ByteBudget> {
 public:
  // A holder of at most this many bytes may use the whole budget; a larger one only the first seven eighths.
  // A few clients with large answers therefore cannot starve clients with small ones.
  static constexpr std::size_t kSmall = 64U << 10;

  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // Takes `bytes` more for a holder that will then hold `total` bytes. Returns false and takes nothing if
  // they do not fit.
  [[nodiscard]] bool try_take(std::size_t bytes, std::size_t total);
  // Counts bytes that are already allocated, even past the limit; later calls of try_take() then fail.
  void take(std::size_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  [[nodiscard]] std::size_t limit() const { return limit_; }
  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  // Returns true if not even one more byte is available.
  [[nodiscard]] bool full() const { return used() >= limit_; }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

// Bytes taken from a budget, given back by the destructor. Without a budget every size fits. Movable; used by
// one thread at a time.
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

  // Changes the hold to `bytes`. Returns false and keeps the previous size if they do not fit.
  [[nodiscard]] bool try_resize(std::size_t bytes);
  // Changes the hold to `bytes` that are already allocated, even past the limit.
  void resize(std::size_t bytes);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // Stops holding without giving the bytes back. The caller must read bytes() first and give them back to the
  // returned budget, which may be null.
  [[nodiscard]] std::shared_ptr<ByteBudget> release() && {
    bytes_ = 0;
    return std::move(budget_);
  }

 private:
  std::shared_ptr<ByteBudget> budget_;
  std::size_t bytes_ = 0;
};

}  // namespace offloader
