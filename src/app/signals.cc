#include <csignal>
#include <cstdlib>
#include <ctime>

#include "offloader/app/server.h"

namespace offloader::app {
namespace {

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int run_until_stopped(Server& server) {
  const sigset_t set = handled_signals();
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal == SIGHUP) {
      server.reload();
      continue;
    }
    // A second signal ends the process at once: it is unblocked for good.
    const auto second = [&set] {
      const timespec none{};
      return sigtimedwait(&set, nullptr, &none) > 0;
    };
    server.shut_down([&] {
      if (second()) std::_Exit(1);
      return false;
    });
    return 0;
  }
}

}  // namespace offloader::app
