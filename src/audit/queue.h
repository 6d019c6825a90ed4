#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/byte_budget.h"
#include "offloader/base/mutex.h"

namespace offloader::audit {

// Records on their way to the thread that writes them, bounded in bytes. Any thread pushes, holding the lock
// only while it copies the record; one thread takes.
class Queue {
 public:
  enum class Share {
    reserved,  // room was taken from budget() before; always fits
    whole,     // may fill the queue
    most,      // may fill seven eighths, so that reads cannot keep actions and changes out
  };
  enum class Haste { now, soon };

  explicit Queue(std::size_t limit) : budget_(std::make_shared<ByteBudget>(limit)) {}

  // Counts the bytes of the records that were pushed and not yet given back, and of reservations.
  [[nodiscard]] const std::shared_ptr<ByteBudget>& budget() const { return budget_; }

  // Queues the members of a record, or counts it as lost if it does not fit.
  void push(std::string_view members, Share share, Haste haste);

  struct Batch {
    std::string records;     // each followed by a line break; still counted in budget()
    std::uint64_t lost = 0;  // records that did not fit, after these
  };
  // Waits up to `idle` for a record, then up to `gather` for more, and takes all. Returns early for haste and
  // for wake().
  [[nodiscard]] Batch take(std::chrono::milliseconds idle, std::chrono::milliseconds gather);

  // Waits for wake() or a record in haste, at most this long.
  void rest(std::chrono::milliseconds most);
  void wake();

 private:
  const std::shared_ptr<ByteBudget> budget_;
  Mutex records_mutex_;
  Condition records_changed_;
  std::string records_ OFFLOADER_GUARDED_BY(records_mutex_);
  std::uint64_t lost_ OFFLOADER_GUARDED_BY(records_mutex_) = 0;
  bool woken_ OFFLOADER_GUARDED_BY(records_mutex_) = false;
};

}  // namespace offloader::audit
