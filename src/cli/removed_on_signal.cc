#include "removed_on_signal.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <csignal>
#include <cstring>

namespace offloader::cli {
namespace {

constexpr std::array kEnding = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// A signal handler can reach nothing but globals.
std::array<char, PATH_MAX> guarded_path;
std::atomic<bool> guarded{false};
std::array<struct sigaction, kEnding.size()> earlier;
struct sigaction earlier_file_size;
static_assert(std::atomic<bool>::is_always_lock_free);

// Calls only functions that are safe in a handler. The signal is blocked while this runs, and SA_RESETHAND
// has restored its default action, so raise() ends the process on return.
extern "C" void remove_and_end(int signal) {
  if (guarded.load()) ::unlink(guarded_path.data());
  ::raise(signal);
}

}  // namespace

bool remove_on_signal(const std::string& path) {
  if (guarded.load() || path.size() >= guarded_path.size()) return false;
  std::memcpy(guarded_path.data(), path.c_str(), path.size() + 1);
  guarded.store(true);
  struct sigaction action {};
  action.sa_handler = &remove_and_end;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < kEnding.size(); ++i) {
    ::sigaction(kEnding[i], nullptr, &earlier[i]);
    if (earlier[i].sa_handler != SIG_IGN) ::sigaction(kEnding[i], &action, nullptr);
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignore, &earlier_file_size);
  return true;
}

void keep_on_signal() {
  if (!guarded.load()) return;
  for (std::size_t i = 0; i < kEnding.size(); ++i) ::sigaction(kEnding[i], &earlier[i], nullptr);
  ::sigaction(SIGXFSZ, &earlier_file_size, nullptr);
  guarded.store(false);
}

}  // namespace offloader::cli
