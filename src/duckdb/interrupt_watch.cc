#include "offloader/duckdb/interrupt_watch.h"

#include <utility>

namespace offloader::duckdb {
namespace {

constexpr std::chrono::milliseconds kLook{20};

}

Result<void> InterruptWatch::start(EscapeReport report) {
  return thread_.start(
      {.name = "interrupts", .report = std::move(report), .after = Thread::AfterEscape::restart},
      [this] { watch(); });
}

InterruptWatch::~InterruptWatch() {
  {
    const MutexLock lock(entries_mutex_);
    stopping_ = true;
  }
  entries_changed_.notify_all();
  thread_.join();
}

void InterruptWatch::watch() {
  MutexLock lock(entries_mutex_);
  while (true) {
    entries_changed_.wait(entries_mutex_, [this]() OFFLOADER_REQUIRES(entries_mutex_) {
      return stopping_ || !entries_.empty();
    });
    if (stopping_) return;
    for (const auto& [interrupted, cancel] : entries_) {
      if (interrupted()) cancel->cancel();
    }
    entries_changed_.wait_for(entries_mutex_, kLook,
                              [this]() OFFLOADER_REQUIRES(entries_mutex_) { return stopping_; });
  }
}

InterruptWatch::During::During(InterruptWatch& watch, std::function<bool()> interrupted, CancelFlag& cancel)
    : watch_(watch) {
  bool first = false;
  {
    const MutexLock lock(watch_.entries_mutex_);
    first = watch_.entries_.empty();
    entry_ = watch_.entries_.emplace(watch_.entries_.end(), std::move(interrupted), &cancel);
  }
  if (first) watch_.entries_changed_.notify_all();
}

InterruptWatch::During::~During() {
  const MutexLock lock(watch_.entries_mutex_);
  watch_.entries_.erase(entry_);
}

}  // namespace offloader::duckdb
