#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "offloader/base/result.h"

namespace offloader {

// The one way to start a thread: it has a name, and nothing that its body throws ends the process. Owned by
// whoever owns what the body uses; the destructor joins, so the owner tells the body to return first. A
// Thread is used by one thread at a time.
class Thread {
 public:
  enum class AfterEscape {
    end,      // the thread ends, as if the body had returned
    restart,  // the body is called again after a short pause: for loops that must go on
  };
  struct Options {
    std::string name;  // the system shows the first 15 characters
    // Called on the thread itself with what escaped the body; may be empty. What it throws is dropped.
    std::function<void(std::string_view what)> report{};
    AfterEscape after = AfterEscape::end;
  };

  Thread() = default;
  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&& other) noexcept;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { join(); }

  // Requires: not started, or joined. `busy` when the system cannot start a thread now: a limit on processes,
  // or memory. Then nothing runs.
  [[nodiscard]] Result<void> start(Options options, std::function<void()> body);

  // Waits until the body has returned. Does nothing when it was never started, or joined before.
  void join();
  [[nodiscard]] bool joinable() const { return thread_.joinable(); }

 private:
  std::thread thread_;
};

// Requires: called from a catch block. The exception in flight as an error: `busy` for memory or threads that
// cannot be had, else `internal`. The exception's text goes to the detail.
[[nodiscard]] Error error_in_flight();

// Runs `work` on the calling thread and on up to `others` more side by side, and returns when all calls have
// returned. Where a thread cannot be started, fewer do the work. `work` takes its share from a common
// counter, say, so that any number of calls does it all. Fails with the first exception that `work` threw.
[[nodiscard]] Result<void> run_side_by_side(std::size_t others, const std::string& name,
                                            const std::function<void()>& work);

}  // namespace offloader
