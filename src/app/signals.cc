#include "offloader/app/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "offloader/app/server.h"
#include "offloader/base/descriptor.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader::app {
namespace {

// How long a start may take to end by itself after a signal. The cache folder is consistent at any instant,
// so an abrupt end only costs work that the next start repeats.
constexpr std::chrono::milliseconds kStartMayTake{800};

// How often the TLS files are checked for changes.
constexpr std::chrono::seconds kCertificates{1};

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

class Watching final : public Signals {
 public:
  ~Watching() override {
    const std::uint64_t one = 1;
    // Writing to an event counter does not fail in practice, and there is no way to handle a failure here.
    if (end_.valid()) {
      [[maybe_unused]] const ssize_t written = ::write(end_.get(), &one, sizeof one);
    }
    thread_.join();
  }

  Result<void> start() {
    const sigset_t set = handled_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    // A write beyond the file size limit must fail with an error, not end the process.
    std::signal(SIGXFSZ, SIG_IGN);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC));
    end_.reset(::eventfd(0, EFD_CLOEXEC));
    if (!signals_.valid() || !end_.valid())
      return fail(ErrorCode::busy, "Signals cannot be watched: no file descriptor is left.",
                  std::strerror(errno));
    return thread_.start({.name = "signals", .after = Thread::AfterEscape::restart}, [this] { watch(); });
  }

  CancelFlag& stop_asked() override { return stop_asked_; }

  int run_until_stopped(Server& server) override {
    MutexLock lock(asked_mutex_);
    running_ = true;
    asked_.notify_all();
    while (!stop_asked_.cancelled()) {
      if (reload_) {
        reload_ = false;
        lock.unlock();
        server.reload();
        lock.lock();
        continue;
      }
      if (!server.has_certificates()) {
        asked_.wait(asked_mutex_);
        continue;
      }
      asked_.wait_for(asked_mutex_, kCertificates);
      lock.unlock();
      server.reread_certificates();
      lock.lock();
    }
    lock.unlock();
    server.shut_down([] { return false; });
    return 0;
  }

 private:
  void watch() {
    std::optional<std::chrono::steady_clock::time_point> start_ends_by;
    while (true) {
      pollfd ready[] = {{signals_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}};
      const int count = ::poll(ready, 2, start_ends_by ? 20 : -1);
      if ((ready[1].revents & POLLIN) != 0 && count > 0) return;
      if (start_ends_by && !running() && std::chrono::steady_clock::now() >= *start_ends_by) std::_Exit(0);
      signalfd_siginfo info{};
      if (count <= 0 || (ready[0].revents & POLLIN) == 0 ||
          ::read(signals_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info))
        continue;
      if (info.ssi_signo == SIGHUP) {
        const MutexLock lock(asked_mutex_);
        reload_ = true;
        asked_.notify_all();
        continue;
      }
      // A second signal ends the process at once, whatever the first one is waiting for.
      if (stop_asked_.cancelled()) std::_Exit(1);
      start_ends_by = std::chrono::steady_clock::now() + kStartMayTake;
      stop_asked_.cancel();
      const MutexLock lock(asked_mutex_);
      asked_.notify_all();
    }
  }

  bool running() {
    const MutexLock lock(asked_mutex_);
    return running_;
  }

  Descriptor signals_;
  Descriptor end_;
  CancelFlag stop_asked_;
  Mutex asked_mutex_;
  Condition asked_;
  bool running_ OFFLOADER_GUARDED_BY(asked_mutex_) = false;
  bool reload_ OFFLOADER_GUARDED_BY(asked_mutex_) = false;
  Thread thread_;
};

}  // namespace

Result<std::unique_ptr<Signals>> Signals::watch() {
  auto watching = std::make_unique<Watching>();
  if (auto started = watching->start(); !started) return fail(std::move(started.error()));
  return watching;
}

}  // namespace offloader::app
