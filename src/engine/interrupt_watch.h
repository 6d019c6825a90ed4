#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>

#include "offloader/base/cancel.h"
#include "offloader/base/thread.h"

namespace offloader::engine {

// Carries DuckDB's interrupt, which is a flag that nobody is told of, over to the transfers that wait for a
// store. One thread, which looks every few milliseconds and only while there is something to look at.
class InterruptWatch {
 public:
  InterruptWatch() = default;
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  // Once, before the first wait. `busy` when there is no thread to be had.
  [[nodiscard]] Result<void> start(std::function<void(std::string_view what)> report = {});

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

  std::mutex entries_mutex_;
  std::condition_variable entries_changed_;
  std::list<std::pair<std::function<bool()>, CancelFlag*>> entries_;
  bool stopping_ = false;
  Thread thread_;
};

}  // namespace offloader::engine
