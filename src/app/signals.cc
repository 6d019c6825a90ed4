#include <csignal>
#include <cstdlib>
#include <thread>

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
  // A file that may not grow any further is an error to whoever writes it, and no reason to end.
  std::signal(SIGXFSZ, SIG_IGN);
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
    // A second one ends the process at once, whatever the first waits for by then.
    std::thread([set] {
      int second = 0;
      while (sigwait(&set, &second) != 0 || second == SIGHUP) {
      }
      std::_Exit(1);
    }).detach();
    server.shut_down([] { return false; });
    return 0;
  }
}

}  // namespace offloader::app
