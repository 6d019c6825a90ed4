#include "offloader/index/mapping_guard.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>

namespace offloader::index {
namespace {

constexpr std::uintptr_t kTaken = 1;

// An array of atomics, because the signal handler reads it and may neither
// allocate nor lock.
std::array<MappingGuard::Place, 8192> places;
struct sigaction before {};  // the handler that ours replaced
std::uintptr_t page_mask = ~std::uintptr_t{4095};

// Whether the signal reports an access that failed and would fail again.
bool is_fault(const siginfo_t& info) {
  return info.si_code > 0 && info.si_code != BUS_MCEERR_AO;
}

// Ends the process with the default action, as soon as this handler returns and
// the signal is unblocked.
void end_process(int signal) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
  ::raise(signal);
}

// Does what would happen without this handler, which stays installed.
void pass_on(int signal, siginfo_t* info, void* context) {
  if ((before.sa_flags & SA_SIGINFO) == 0) {
    if (before.sa_handler == SIG_IGN && !is_fault(*info)) return;
    // A process cannot ignore a fault.
    if (before.sa_handler == SIG_IGN || before.sa_handler == SIG_DFL) return end_process(signal);
  }
  // The system restores the mask when this handler returns.
  ::pthread_sigmask(SIG_BLOCK, &before.sa_mask, nullptr);
  if ((before.sa_flags & SA_NODEFER) != 0) {
    sigset_t self;
    sigemptyset(&self);
    sigaddset(&self, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &self, nullptr);
  }
  if ((before.sa_flags & SA_SIGINFO) != 0) return before.sa_sigaction(signal, info, context);
  before.sa_handler(signal);
}

// Whether the address was in a registered mapping and its page now reads as
// zeros.
bool replace_page(std::uintptr_t at) {
  for (MappingGuard::Place& place : places) {
    const std::uintptr_t begin = place.begin.load(std::memory_order_acquire);
    if (begin <= kTaken || at < begin || at >= place.end.load(std::memory_order_acquire)) continue;
    // Set before the page becomes readable, so that whoever reads zeros also
    // sees the flag.
    place.broken.store(true, std::memory_order_seq_cst);
    void* const page = reinterpret_cast<void*>(at & page_mask);
    return ::mmap(page, ~page_mask + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
           MAP_FAILED;
  }
  return false;
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int saved = errno;
  // A signal that a process sent has no address.
  if (info->si_code <= 0 || !replace_page(reinterpret_cast<std::uintptr_t>(info->si_addr)))
    pass_on(signal, info, context);
  errno = saved;
}

void install_handler() {
  page_mask = ~(static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE)) - 1);
  ::sigaction(SIGBUS, nullptr, &before);
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace

void MappingGuard::register_mapping(const void* begin, std::size_t bytes) {
  static std::once_flag installed;
  std::call_once(installed, install_handler);
  for (Place& place : places) {
    std::uintptr_t free = 0;
    if (!place.begin.compare_exchange_strong(free, kTaken)) continue;
    place.broken.store(false);
    place.end.store(reinterpret_cast<std::uintptr_t>(begin) + bytes);
    place.begin.store(reinterpret_cast<std::uintptr_t>(begin), std::memory_order_release);
    place_ = &place;
    return;
  }
}

void MappingGuard::unregister_mapping() {
  if (place_ != nullptr) place_->begin.store(0);
  place_ = nullptr;
}

bool MappingGuard::broken() const {
  return place_ != nullptr && place_->broken.load(std::memory_order_acquire);
}

}  // namespace offloader::index
