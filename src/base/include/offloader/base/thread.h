#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "offloader/base/result.h"

namespace offloader {

// Told of an exception that a body or a task threw, by its text, on the thread that threw it. What the report
// itself throws is dropped. May be empty.
using EscapeReport = std::function<void(std::string_view what)>;

// Requires: called from a catch block. Reports the exception in flight.
void report_escape(const EscapeReport& report) noexcept;

// Calls `work`, and reports what it throws instead of passing it on. Returns whether `work` returned.
template <typename Work>
bool run_guarded(const EscapeReport& report, Work&& work) noexcept {
  try {
    work();
    return true;
  } catch (...) {
    report_escape(report);
    return false;
  }
}

// The one way to start a thread: it has a name, and what its body throws is caught and reported. Owned by the
// owner of what the body uses; the destructor joins, so the owner tells the body to return first. A Thread is
// used by one thread at a time.
class Thread {
 public:
  enum class AfterEscape {
    end,           // the thread ends, as if the body had returned
    restart,       // the body is called again after a pause: for loops that must go on
    stop_process,  // the thread ends, and the process is asked to stop as by SIGTERM: for what all else needs
  };
  struct Options {
    std::string name;  // the system shows the first 15 characters
    EscapeReport report{};
    AfterEscape after = AfterEscape::end;
    // Before a restart: a body that throws at once would otherwise keep a core busy.
    std::chrono::milliseconds pause{100};
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
