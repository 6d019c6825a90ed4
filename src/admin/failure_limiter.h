#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "offloader/base/clock.h"
#include "offloader/base/mutex.h"

namespace offloader::admin {

// Counts wrong tokens per client address within the last minute. Memory is bounded: beyond kMaxAddresses, the
// address whose last failure is the oldest is forgotten. Thread-safe.
class FailureLimiter {
 public:
  static constexpr std::size_t kLimit = 10;  // the tenth failure within kWindow is limited
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::size_t kMaxAddresses = 1024;

  explicit FailureLimiter(const Clock& clock) : clock_(clock) {}

  // Records a failure of `address`. Returns nullopt if it is below the limit; otherwise in how many seconds,
  // at least one, the next failure would be below it again.
  [[nodiscard]] std::optional<std::chrono::seconds> record(std::string_view address);

  // Returns how many addresses are remembered.
  [[nodiscard]] std::size_t addresses() const;

 private:
  struct Entry {
    std::string address;
    std::array<SteadyTime, kLimit> times{};  // ring of the latest failures
    std::size_t count = 0;                   // all failures so far
  };

  const Clock& clock_;
  mutable Mutex entries_mutex_;
  std::list<Entry> entries_ OFFLOADER_GUARDED_BY(entries_mutex_);  // latest failure first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_address_
      OFFLOADER_GUARDED_BY(entries_mutex_);  // keys view entries_
};

}  // namespace offloader::admin
