#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace offloader::index {

// Keeps the process alive when a page of a mapped file cannot be read, because the file was truncated or the
// disk fails. Reading such a page raises SIGBUS, which ends the process. In a registered mapping the page
// reads as zeros instead and broken() becomes true: discard everything read from the mapping. Owned by the
// owner of the mapping, who unregisters it before unmapping. The first registration installs a SIGBUS handler
// for the process, which passes every other SIGBUS on to the previous handler and stays installed. broken()
// may be called from any thread, the other members from one at a time.
class MappingGuard {
 public:
  MappingGuard() = default;
  ~MappingGuard() { unregister_mapping(); }
  MappingGuard(const MappingGuard&) = delete;
  MappingGuard& operator=(const MappingGuard&) = delete;

  // Registers the mapping. Requires: called once. Beyond 8192 mappings in the process it has no effect, and
  // an unreadable page ends the process.
  void register_mapping(const void* begin, std::size_t bytes);
  // Unregisters the mapping. Idempotent.
  void unregister_mapping();
  // Whether a page could not be read. False after unregister_mapping().
  [[nodiscard]] bool broken() const;

  struct Place {
    std::atomic<std::uintptr_t> begin{0};  // 0: free; 1: being filled in
    std::atomic<std::uintptr_t> end{0};
    std::atomic<bool> broken{false};
  };

 private:
  Place* place_ = nullptr;
};

}  // namespace offloader::index
