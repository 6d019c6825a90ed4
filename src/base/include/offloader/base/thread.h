#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "offloader/base/result.h"

namespace offloader {

// Receives the text of an exception that a thread body or a task threw, on the thread that threw it.
// Exceptions from the report itself are dropped. May be empty.
using EscapeReport = std::function<void(std::string_view what)>;

// Reports the exception being handled. Requires: called from a catch block.
void report_escape(const EscapeReport& report) noexcept;

// Calls `work` and reports an exception instead of propagating it. Returns whether `work` completed.
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

// The only way to start a thread in Offloader: the thread has a name, and exceptions of its body are caught
// and reported. The owner of what the body uses owns the Thread. The destructor joins, so the owner must
// first make the body return. A Thread is used by one thread at a time.
class Thread {
 public:
  enum class AfterEscape {
    end,           // the thread ends, as if the body had returned
    restart,       // the body is called again after a pause; for loops that must keep running
    stop_process,  // the thread ends and the process gets a SIGTERM; for threads that everything depends on
  };
  struct Options {
    std::string name;  // the system shows the first 15 characters
    EscapeReport report{};
    AfterEscape after = AfterEscape::end;
    // The delay before a restart, so that a body that throws immediately does not keep a core busy.
    std::chrono::milliseconds pause{100};
  };

  Thread() = default;
  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&& other) noexcept;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { join(); }

  // Starts the thread. Fails with `busy`, and runs nothing, if the system cannot start a thread now (process
  // limit or memory). Requires: never started, or joined.
  [[nodiscard]] Result<void> start(Options options, std::function<void()> body);

  // Waits until the body has returned. Does nothing if the thread was never started or is already joined.
  void join();
  [[nodiscard]] bool joinable() const { return thread_.joinable(); }

 private:
  std::thread thread_;
};

// Converts the exception being handled to an error: `busy` for lack of memory or threads, else `internal`.
// The exception's text goes into the detail. Requires: called from a catch block.
[[nodiscard]] Error error_in_flight();

// Runs `work` on the calling thread and on up to `others` more threads, and returns when all calls have
// returned. If a thread cannot be started, fewer do the work, so `work` must take its share from a shared
// counter or similar: any number of calls must complete all of it. Fails with the first exception that `work`
// threw.
[[nodiscard]] Result<void> run_side_by_side(std::size_t others, const std::string& name,
                                            const std::function<void()>& work);

}  // namespace offloader
