#include "offloader/base/thread.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "offloader/base/mutex.h"

namespace offloader {
namespace {

constexpr std::size_t kLongestName = 15;  // the kernel's limit

constexpr const char* kNoThread =
    "A thread cannot be started: raise the limit on processes (pids_limit, ulimit -u) or the memory limit.";

// The outermost function of every thread.
void run(const Thread::Options& options, const std::function<void()>& body) noexcept {
  ::pthread_setname_np(::pthread_self(), options.name.c_str());
  while (!run_guarded(options.report, body)) {
    if (options.after == Thread::AfterEscape::stop_process) ::kill(::getpid(), SIGTERM);
    if (options.after != Thread::AfterEscape::restart) return;
    if (options.pause.count() > 0) std::this_thread::sleep_for(options.pause);
  }
}

}  // namespace

void report_escape(const EscapeReport& report) noexcept {
  if (!report) return;
  try {
    try {
      throw;
    } catch (const std::exception& escaped) {
      report(escaped.what());
    } catch (...) {
      report("an exception of an unknown type");
    }
  } catch (...) {
    return;  // the report itself failed, most likely for lack of memory, so nothing is left to do
  }
}

Thread& Thread::operator=(Thread&& other) noexcept {
  join();
  thread_ = std::move(other.thread_);
  return *this;
}

Result<void> Thread::start(Options options, std::function<void()> body) {
  options.name.resize(std::min(options.name.size(), kLongestName));
  try {
    thread_ = std::thread([options = std::move(options), body = std::move(body)] { run(options, body); });
    return {};
  } catch (const std::system_error& error) {
    return fail(ErrorCode::busy, kNoThread, error.what());
  } catch (const std::bad_alloc& error) {
    return fail(ErrorCode::busy, kNoThread, error.what());
  }
}

void Thread::join() {
  if (thread_.joinable()) thread_.join();
}

Error error_in_flight() {
  try {
    throw;
  } catch (const std::bad_alloc& error) {
    return {ErrorCode::busy, "There is not enough memory.", error.what()};
  } catch (const std::system_error& error) {
    const bool no_thread = error.code() == std::errc::resource_unavailable_try_again;
    return {no_thread ? ErrorCode::busy : ErrorCode::internal,
            no_thread ? kNoThread : "The operation failed unexpectedly.", error.what()};
  } catch (const std::exception& error) {
    return {ErrorCode::internal, "The operation failed unexpectedly.", error.what()};
  } catch (...) {
    return {ErrorCode::internal, "The operation failed unexpectedly.", "an exception of an unknown type"};
  }
}

Result<void> run_side_by_side(std::size_t others, const std::string& name,
                              const std::function<void()>& work) {
  Mutex first_mutex;
  std::optional<Error> first;
  const auto guarded = [&] {
    try {
      work();
    } catch (...) {
      const MutexLock lock(first_mutex);
      if (!first) first = error_in_flight();
    }
  };
  {
    std::vector<Thread> threads(others);
    for (Thread& thread : threads) {
      if (!thread.start({.name = name}, guarded)) break;
    }
    guarded();
  }
  if (first) return fail(std::move(*first));
  return {};
}

}  // namespace offloader
