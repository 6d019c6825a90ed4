#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string_view>

#include "offloader/base/cancel.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader::duckdb {

// Forwards DuckDB's interrupt to transfers that wait for an object store. The interrupt is a flag without
// notification, so one thread polls it every 20 ms while any wait is registered. Thread-safe; outlives every
// During.
class InterruptWatch {
 public:
  InterruptWatch() = default;
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  // Starts the thread. Call it once, before the first wait. Errors: `busy` if no thread can be started.
  [[nodiscard]] Result<void> start(EscapeReport report = {});

  // While it exists, raises `cancel` within about 20 ms after `interrupted()` becomes true. `watch` and
  // `cancel` must outlive it. `interrupted` is called on the watching thread and must not block.
  class During {
   public:
    During(InterruptWatch& watch, std::function<bool()> interrupted, CancelFlag& cancel);
    ~During();
    During(const During&) = delete;
    During& operator=(const During&) = delete;

   private:
    InterruptWatch& watch_;
    std::list<std::pair<std::function<bool()>, CancelFlag*>>::iterator entry_;
  };

 private:
  void watch();

  Mutex entries_mutex_;
  Condition entries_changed_;
  std::list<std::pair<std::function<bool()>, CancelFlag*>> entries_ OFFLOADER_GUARDED_BY(entries_mutex_);
  bool stopping_ OFFLOADER_GUARDED_BY(entries_mutex_) = false;
  Thread thread_;
};

}  // namespace offloader::duckdb
