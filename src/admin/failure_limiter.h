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

// How many wrong tokens came from each client address within the last minute. Memory is bounded: past
// kMaxAddresses the address that failed longest ago is forgotten. Any thread.
class FailureLimiter {
 public:
  static constexpr std::size_t kLimit = 10;  // the tenth within the window is over the limit
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::size_t kMaxAddresses = 1024;

  explicit FailureLimiter(const Clock& clock) : clock_(clock) {}

  // Records a failure of `address`. Returns nullopt below the limit; else in how many seconds, at least one,
  // the next failure will be below it again.
  [[nodiscard]] std::optional<std::chrono::seconds> record(std::string_view address);

  [[nodiscard]] std::size_t addresses() const;

 private:
  struct Entry {
    std::string address;
    std::array<SteadyTime, kLimit> times{};  // a ring of the latest failures
    std::size_t count = 0;                   // of all failures
  };

  const Clock& clock_;
  mutable Mutex entries_mutex_;
  std::list<Entry> entries_ OFFLOADER_GUARDED_BY(entries_mutex_);  // the latest failure first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_address_
      OFFLOADER_GUARDED_BY(entries_mutex_);  // keys point into entries_
};

}  // namespace offloader::admin
