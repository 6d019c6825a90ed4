#pragma once

#include <functional>
#include <optional>

#include "offloader/base/worker.h"

namespace offloader::local_executor {

// One thread for work that no request should wait for: detaching, closing, unlinking, rebuilding. Tasks run
// in order, one at a time. A task that throws is reported and dropped. No task is lost: if the thread cannot
// take one (before start(), after stop(), or with 65,536 tasks waiting), the posting thread runs it. At most
// one task per snapshot waits, so the limit is not reached in practice. Owned by the owner of what the tasks
// use. Any thread may post.
class Janitor {
 public:
  Janitor() = default;
  ~Janitor() { stop(); }
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  // Requires: called once, before other threads post. Errors: `busy` if the thread cannot be started.
  [[nodiscard]] Result<void> start(const char* name, EscapeReport report = {});

  void post(std::function<void()> task);
  // Runs the queued tasks, then joins the thread. Idempotent.
  void stop();

 private:
  std::optional<Worker> worker_;
};

}  // namespace offloader::local_executor
