#pragma once

#include <functional>
#include <optional>

#include "offloader/base/worker.h"

namespace offloader::local_executor {

// One thread for what no request should wait for: detaching, closing, unlinking, rebuilding. Tasks run in
// order, one at a time; there are never more of them than snapshots alive. A task that throws is reported and
// dropped. Where no thread takes a task (before start(), after stop(), and when far too many wait), it runs
// in the thread that posts it, so that nothing is left undone.
class Janitor {
 public:
  Janitor() = default;
  ~Janitor() { stop(); }
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  // Once, before other threads post. `busy` when there is no thread to be had.
  [[nodiscard]] Result<void> start(const char* name, EscapeReport report = {});

  void post(std::function<void()> task);
  // Does what is queued, then joins. Idempotent.
  void stop();

 private:
  std::optional<Worker> worker_;
};

}  // namespace offloader::local_executor
