#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string_view>

#include "offloader/base/cancel.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader::duckdb {

// Carries DuckDB's interrupt, which is a flag that nobody is told of, over to the transfers that wait for a
// store. One thread, which looks every few milliseconds and only while there is something to look at.
class InterruptWatch {
 public:
  InterruptWatch() = default;
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  // Once, before the first wait. `busy` when there is no thread to be had.
  [[nodiscard]] Result<void> start(EscapeReport report = {});

  // While this lives, `cancel` is raised as soon as `interrupted()` is true. Both outlive it.
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
