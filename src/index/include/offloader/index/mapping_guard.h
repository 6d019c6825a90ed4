#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace offloader::index {

// A mapped file whose pages may turn out not to be there: it was cut short, or the disk cannot read them. To
// touch such a page is a signal that ends the process (SIGBUS). While a guard stands over the mapping the
// page reads as zeros instead, and the guard says so: whatever was read meanwhile is worth nothing. Any
// thread. Steps down before the mapping goes.
class MappingGuard {
 public:
  MappingGuard() = default;
  ~MappingGuard() { step_down(); }
  MappingGuard(const MappingGuard&) = delete;
  MappingGuard& operator=(const MappingGuard&) = delete;

  // Once. Without a free place (there are some thousands) the mapping stays unguarded.
  void stand_over(const void* begin, std::size_t bytes);
  void step_down();
  [[nodiscard]] bool broken() const;

  struct Place {
    std::atomic<std::uintptr_t> begin{0};  // 0: free; kTaken: being set
    std::atomic<std::uintptr_t> end{0};
    std::atomic<bool> broken{false};
  };

 private:
  Place* place_ = nullptr;
};

}  // namespace offloader::index
