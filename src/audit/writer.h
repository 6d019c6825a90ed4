#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "chain.h"
#include "head_file.h"
#include "offloader/audit/record.h"
#include "offloader/base/clock.h"
#include "offloader/telemetry/telemetry.h"
#include "queue.h"
#include "ring.h"
#include "sink.h"

namespace offloader::audit {

// Takes records from the queue, makes lines of them, and writes and syncs these. After a failure it keeps
// what is not written and tries again every second. Owned by the log; open() and run() are called by one
// thread at a time, the rest by any.
class Writer {
 public:
  // `sink` may be null: then lines are only kept in the ring.
  Writer(const Sha256& key, std::unique_ptr<Sink> sink, const std::string& head_path, Queue& queue,
         Ring& ring, telemetry::Telemetry& telemetry, const Clock& clock);

  // Opens the sink before the first record. A failure is logged.
  void open();
  // Writes until stop() is called and everything that can be written is.
  void run();

  void reopen();
  void stop();

  // Returns whether the sink takes lines, and whether no record has been lost lately either.
  [[nodiscard]] bool writable() const { return writable_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool ok() const { return ok_.load(std::memory_order_relaxed); }

 private:
  void finish();
  void attend();
  void write_backlog();
  [[nodiscard]] Result<void> write(const std::string& records, std::string_view before = {});
  [[nodiscard]] Result<void> open_sink();
  void sync_if_due(bool now);
  void set_state(const Result<void>& written);

  const Sha256 key_;
  const std::unique_ptr<Sink> sink_;
  const HeadFile head_file_;
  Queue& queue_;
  Ring& ring_;
  telemetry::Telemetry& telemetry_;
  const Clock& clock_;
  telemetry::Gauge& ok_gauge_;
  Head head_;
  std::string backlog_;         // records that are taken but not written, each followed by a line break
  std::uint64_t lost_ = 0;      // records that the queue had no room for, after those in backlog_
  SteadyTime lossless_from_{};  // until then, the state is that records were lost
  SteadyTime checked_;          // when attend() last looked at the file
  bool dirty_ = false;          // something is not synced
  SteadyTime dirty_since_;
  std::atomic<bool> reopen_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> writable_{true};
  std::atomic<bool> ok_{true};
};

}  // namespace offloader::audit
