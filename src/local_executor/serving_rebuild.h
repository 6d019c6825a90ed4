#pragma once

#include <atomic>

#include "instance_ledger.h"
#include "janitor.h"
#include "read_pool.h"
#include "serving_instance.h"

namespace offloader::local_executor {

// Puts a new serving instance in place of one that DuckDB has declared invalid. Owned by the executor. Its
// thread does nothing else: what waits for readers of other snapshots, as detaching does, must not hold up a
// rebuild. Any thread.
class ServingRebuild {
 public:
  // All outlive it.
  ServingRebuild(ServingInstance& serving, ReadPool& pool, InstanceLedger& ledger)
      : serving_(serving), pool_(pool), ledger_(ledger) {}

  // Once. `busy` when there is no thread to be had.
  [[nodiscard]] Result<void> start(EscapeReport report) {
    return thread_.start("serving-rebuild", std::move(report));
  }

  [[nodiscard]] bool healthy() const { return healthy_.load(std::memory_order_relaxed); }
  // The instance is invalid. Until it is rebuilt, local queries are answered `busy`. A rebuild that failed is
  // tried again when this is called again.
  void begin();
  // Waits for the rebuild that runs. Idempotent.
  void stop() { thread_.stop(); }

 private:
  void rebuild();

  ServingInstance& serving_;
  ReadPool& pool_;
  InstanceLedger& ledger_;
  std::atomic<bool> healthy_{true};
  std::atomic<bool> rebuilding_{false};
  Janitor thread_;
};

}  // namespace offloader::local_executor
