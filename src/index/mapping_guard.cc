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

// An array of atomics, because the signal handler reads it and may neither allocate nor lock.
std::array<MappingGuard::Place, 8192> places;
struct sigaction before {};
std::uintptr_t page_mask = ~std::uintptr_t{4095};

void on_bus_error(int signal, siginfo_t* info, void* /*context*/) {
  const int saved = errno;
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (MappingGuard::Place& place : places) {
    const std::uintptr_t begin = place.begin.load(std::memory_order_acquire);
    if (begin <= kTaken || at < begin || at >= place.end.load(std::memory_order_acquire)) continue;
    // Set before the page becomes readable, so that whoever reads zeros also sees the flag.
    place.broken.store(true, std::memory_order_seq_cst);
    void* const page = reinterpret_cast<void*>(at & page_mask);
    if (::mmap(page, ~page_mask + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
      break;
    errno = saved;
    return;
  }
  // Not a registered mapping. Restore the previous handler, under which the instruction faults again.
  ::sigaction(signal, &before, nullptr);
  errno = saved;
}

void install_handler() {
  page_mask = ~(static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE)) - 1);
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, &before);
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
